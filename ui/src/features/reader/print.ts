import type { Item } from '../../ipc/generated/api';
import { bytes, longDate } from '../../shared/lib/format';
import { facts, type Said } from './details';
import { frameDocument, isBlank } from './document';

/** How the head of a message looks on paper. Stronger than what the message says of the same elements. */
const STYLE = `<style>@page{margin:18mm 16mm}
@media print{body{margin:0!important}}
#mailscope-head{all:initial;display:block;margin:0 0 16px;padding:0 0 10px;border-bottom:1px solid #9aa1ad;color:#171a21;font:13px/1.5 system-ui,sans-serif}
#mailscope-head *{all:revert}
#mailscope-head h1{margin:0 0 8px;font:650 18px/1.3 system-ui,sans-serif}
#mailscope-head table{border-collapse:collapse}
#mailscope-head td{padding:1px 12px 1px 0;vertical-align:top;font:13px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
#mailscope-head td:first-child{color:#5f6877;white-space:nowrap}
pre.mailscope{white-space:pre-wrap;font:13px/1.55 system-ui,sans-serif}</style>`;

/** Somebody, as far as a head names them. */
interface Named {
  name: string;
  address: string;
}

export function escape(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? '',
  );
}

function named({ name, address }: Named): string {
  return name && address && name !== address ? `${name} <${address}>` : name || address;
}

function said(what: Said): string {
  switch (what.as) {
    case 'text':
      return what.lines.join('\n');
    case 'people':
      return what.people.map(named).join(', ');
    case 'link':
      return what.address;
    case 'part':
      return `${what.percent} %`;
  }
}

/** The head of an item as rows of label and value; what it does not say is left out. */
export function headLines(item: Item, place: string): [string, string][] {
  const people = (list: Named[]) => list.map(named).join(', ');
  const attached = item.attachments
    .filter(({ inline }) => !inline)
    .map(({ name, size }) => `${name || 'No name'} (${bytes(size)})`);
  const lines: [string, string][] = [
    ['From', item.from === null ? '' : named(item.from)],
    ['To', people(item.to)],
    ['Cc', people(item.cc)],
    ['Bcc', people(item.bcc)],
    ['Date', item.date === null ? '' : longDate(item.date)],
    ['Folder', [place, item.source_name].filter(Boolean).join(', in ')],
    ...facts(item).map(({ label, said: what }): [string, string] => [label, said(what)]),
    ['Attachments', attached.join(', ')],
  ];
  return lines.filter(([, value]) => value.trim() !== '');
}

/** The page of an item on white paper: its head, and its text as it was written. */
export function printDocument(item: Item, place: string): string {
  const rows = headLines(item, place)
    .map(([label, value]) => `<tr><td>${label}</td><td>${escape(value).replaceAll('\n', '<br>')}</td></tr>`)
    .join('');
  const head = `<div id="mailscope-head" dir="auto"><h1>${escape(item.subject.text || 'No subject')}</h1><table>${rows}</table></div>`;
  const text = `<pre class="mailscope" dir="auto">${escape(item.text.text)}</pre>`;
  const html =
    item.html !== null && !isBlank(item) ? item.html : `<!doctype html><html><body>${text}</body></html>`;
  // Marks of a search are for the screen.
  const page = frameDocument(html.replace(/<\/?mark\b[^>]*>/gi, ''));
  const withHead = page.replace(/<body\b[^>]*>/i, (body) => body + STYLE + head);
  return withHead === page ? page + STYLE + head : withHead;
}

/**
 * Opens the system's dialog for printing, for this page alone. Like the reader's frame this one runs no script and loads
 * nothing; that it shares our origin lets the window, not the mail, ask for the dialog.
 */
export function printPage(page: string): void {
  document.getElementById('print-frame')?.remove();
  const frame = document.createElement('iframe');
  frame.id = 'print-frame';
  frame.title = 'Message to print';
  frame.setAttribute('aria-hidden', 'true');
  frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
  frame.referrerPolicy = 'no-referrer';
  frame.srcdoc = page;
  Object.assign(frame.style, {
    position: 'fixed',
    inset: 'auto 100% 100% auto',
    width: '800px',
    height: '1px',
  });
  frame.addEventListener('load', () => frame.contentWindow?.print(), { once: true });
  document.body.append(frame);
}
