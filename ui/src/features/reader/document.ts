/** What a message's HTML is shown under: nothing runs, nothing loads, links lead nowhere by themselves. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Readable defaults; whatever the message says itself wins. Mail is written for a white page. */
const STYLE = `:root{color-scheme:light}
html{background:#fff}
body{margin:16px 26px;color:#171a21;font:14px/1.6 Inter,"Segoe UI",system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%}
img:not([height]){height:auto}
pre{white-space:pre-wrap}
blockquote{margin-left:12px;padding-left:12px;border-left:2px solid #d5d9e0}
a[href]{cursor:pointer}
mark,mark *{background:#ffe9a8!important;color:#2b2300!important}
mark{border-radius:2px}`;

/** For mail that says nothing of colours: the palette of the dark theme, stronger than every default. */
const DARK = `html:root{background:#161a20;color:#e8ebf0;color-scheme:dark}
html:root body{color:#e8ebf0}
html:root a{color:#93abff}
html:root blockquote{border-color:#2b323c}
html:root mark,html:root mark *{background:#6b5410!important;color:#fff3cf!important}`;

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
