import { isFlat, QUOTES, terms, type Term } from '../../shared/lib/query';

/** A query as the field shows it: its terms with a field as tokens, the rest as text. */
export interface Shown {
  tokens: string[];
  text: string;
}

/** Whether a term is one to show as a token: it asks a field that the engine knows, of something. */
function isToken({ field, value }: Term, fields: ReadonlySet<string>): boolean {
  return field !== null && fields.has(field) && value !== '';
}

/**
 * Splits a query. All of it is text where its terms do not stand alone, or a quotation mark has no partner. `open`: the last
 * term is still being typed when nothing follows it.
 */
export function split(query: string, fields: ReadonlySet<string>, open = false): Shown {
  const quotes = [...query].filter((sign) => QUOTES.includes(sign)).length;
  if (!isFlat(query) || quotes % 2 === 1) return { tokens: [], text: query };
  const all = terms(query);
  const taken = all.filter((term) => isToken(term, fields) && !(open && term.end === query.length));
  if (taken.length === 0) return { tokens: [], text: query };
  let text = '';
  let at = 0;
  for (const { start, end } of taken) {
    text += query.slice(at, start);
    at = end;
  }
  text += query.slice(at);
  // The space that ended a token is not part of the text; one that ends a word is.
  const tail = open && /\S\s$/.test(text) ? text.trimStart() : text.trim();
  return { tokens: taken.map((term) => term.text), text: tail.replace(/\s+/g, ' ') };
}

/** The whole query again. */
export function join({ tokens, text }: Shown): string {
  return [...tokens, text].filter((part) => part !== '').join(' ');
}
