import type { Marked } from '../../ipc/generated/api';

/** A stretch of text, marked or not. */
export type Run = { text: string; marked: boolean };

/**
 * Cuts marked text into runs. Ranges that are empty, overlap or reach beyond the text are clipped:
 * whatever comes in, the runs joined are the text.
 */
export function runs({ text, marks }: Marked): Run[] {
  const cut: Run[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    const from = Math.max(at, start);
    const to = Math.min(text.length, end);
    if (to <= from) continue;
    if (from > at) cut.push({ text: text.slice(at, from), marked: false });
    cut.push({ text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) cut.push({ text: text.slice(at), marked: false });
  return cut;
}
