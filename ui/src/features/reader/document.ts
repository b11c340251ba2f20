/** What a message's HTML is shown under: nothing runs, nothing loads, links lead nowhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * Readable defaults; whatever the message says itself wins. Mail is written for a white page, so it gets one
 * in the dark theme too.
 */
const STYLE = `:root{color-scheme:light}
html{background:#fff}
body{margin:16px 26px;color:#171a21;font:14px/1.6 Inter,"Segoe UI",system-ui,sans-serif;overflow-wrap:anywhere}
img{max-width:100%}
img:not([height]){height:auto}
pre{white-space:pre-wrap}
blockquote{margin-left:12px;padding-left:12px;border-left:2px solid #d5d9e0}
mark,mark *{background:#ffe9a8!important;color:#2b2300!important}
mark{border-radius:2px}`;

const HEAD =
  `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
  '<meta name="referrer" content="no-referrer"><base target="_blank">' +
  `<style>${STYLE}</style>`;

/** Whether a message shows nothing: it has HTML, but neither text nor pictures in it. */
export function isBlank({ html, text }: { html: string | null; text: { text: string } }): boolean {
  return text.text.trim() === '' && !/<(img|table|hr|svg)\b/i.test(html ?? '');
}

/**
 * The document for the reader's frame: the sanitised HTML of a message behind our policy and defaults.
 * They stand first, before anything that the message could open and not close.
 */
export function frameDocument(html: string): string {
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? '';
  return `${doctype}${HEAD}${html.slice(doctype.length)}`;
}
