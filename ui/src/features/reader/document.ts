/** The class of text that was hidden, and is shown all the same. */
export const REVEALED = 'mailscope-revealed';

/** What a message's HTML is shown under: nothing runs, nothing loads, links lead nowhere by themselves. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Readable defaults; whatever the message says itself wins. Mail is written for a white page. */
const STYLE = `:root{color-scheme:light}
html{background:#fff}
body{margin:16px 26px;color:#171a21;font:14px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%}
img:not([height]){height:auto}
pre{white-space:pre-wrap}
blockquote{margin-left:12px;padding-left:12px;border-left:2px solid #d5d9e0}
a{color:#2f51cc}
a[href]{cursor:pointer}
mark,mark *{background:#ffe9a8!important;color:#2b2300!important}
mark{border-radius:2px}
mark.find{scroll-margin-top:40vh}
mark.find:target{background:#f08c00!important;color:#1a0f00!important}
.${REVEALED}{padding:0 2px;outline:1px dashed #9a6a12;background:#fdf0d5!important;color:#5c3600!important;font-size:13px!important;line-height:1.5!important}`;

/** For mail that says nothing of colours: the palette of the dark theme, stronger than every default. */
const DARK = `html:root{background:#161a20;color:#e8ebf0;color-scheme:dark}
html:root body{color:#e8ebf0}
html:root a{color:#93abff}
html:root blockquote{border-color:#2b323c}
html:root mark:not(:target),html:root mark:not(:target) *{background:#6b5410!important;color:#fff3cf!important}`;

/** Within a frame whose colours are turned round, pictures are turned round once more. */
const TURNED = 'img{filter:invert(1) hue-rotate(180deg)}';

/** How the page of a message is drawn. */
export type Paper =
  /** On white, as it was written. */
  | 'white'
  /** In the colours of the dark theme. */
  | 'dark'
  /** Light and dark exchanged by the frame, hues kept. */
  | 'turned';

/** Whether a message shows nothing: it has HTML, but neither text nor pictures in it. */
export function isBlank({ html, text }: { html: string | null; text: { text: string } }): boolean {
  return text.text.trim() === '' && !/<(img|table|hr|svg)\b/i.test(html ?? '');
}

/** Whether a message says itself what colour anything has. */
export function isColoured(html: string): boolean {
  return (
    /<[a-z][^>]*\s(?:bgcolor|color)\s*=/i.test(html) ||
    /<[a-z][^>]*\sstyle\s*=\s*"[^"]*(?:color|background)/i.test(html)
  );
}

/** The paper for a message in the dark theme: what has colours of its own keeps them, turned round. */
export function darkPaper(html: string): Paper {
  return isColoured(html) ? 'turned' : 'dark';
}

/**
 * The document for the reader's frame: the sanitised HTML of a message behind our policy and defaults.
 * They stand first, before anything that the message could open and not close.
 */
export function frameDocument(html: string, paper: Paper = 'white'): string {
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? '';
  const style = STYLE + (paper === 'dark' ? DARK : paper === 'turned' ? TURNED : '');
  const head =
    `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    '<meta name="referrer" content="no-referrer"><base target="_blank">' +
    `<style>${style}</style>`;
  return `${doctype}${head}${html.slice(doctype.length)}`;
}

/**
 * The sanitised HTML with its links as links again: the engine keeps their addresses as titles. They open nothing by
 * themselves; the shell hears where a click wants to go, and the window asks.
 */
export function withLinks(html: string): string {
  return html.replace(
    /<a ((?:[^>"]|"[^"]*")*?)title="((?:https?|mailto):[^"]*)"/gi,
    '<a $1href="$2" title="$2" rel="noreferrer noopener" target="_blank"',
  );
}

/** More matches than this help nobody. */
const MOST_FINDS = 2000;

/** Where `needle` stands in a text, in any case: start and end of each place. */
export function places(text: string, needle: string): [number, number][] {
  if (needle === '') return [];
  const pattern = new RegExp(needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'), 'giu');
  const found: [number, number][] = [];
  for (const match of text.matchAll(pattern)) {
    found.push([match.index, match.index + match[0].length]);
    if (found.length >= MOST_FINDS) break;
  }
  return found;
}

/** A page with what is looked for in it marked: `find-0`, `find-1`, … */
export function markFinds(html: string, needle: string): { html: string; count: number } {
  // Parsed apart from the page of the window: nothing in it runs or loads.
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const mark of page.querySelectorAll('mark')) mark.replaceWith(...mark.childNodes);
  page.body.normalize();
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  let count = 0;
  for (const text of texts) {
    const found = places(text.data, needle).slice(0, MOST_FINDS - count);
    let rest = text;
    let cut = 0;
    for (const [start, end] of found) {
      const hit = rest.splitText(start - cut);
      rest = hit.splitText(end - start);
      cut = end;
      const mark = page.createElement('mark');
      mark.className = 'find';
      mark.id = `find-${count}`;
      hit.replaceWith(mark);
      mark.append(hit);
      count += 1;
    }
  }
  return { html: `<!doctype html>${page.documentElement.outerHTML}`, count };
}
