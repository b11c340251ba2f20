// Where the names of people stand in their chart.

/** A person as drawn: where, how large, how busy, and by what name. */
export interface Drawn {
  x: number;
  y: number;
  r: number;
  count: number;
  text: string;
}

/** Where a name is written: its baseline, and how it lies to that point. */
export interface Placed {
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** About how wide a letter and how high a line of a name is, in pixels. Letters of the East are twice as wide. */
const LETTER = 6.6;
const LINE = 13;
/** From the top of a line to where its letters stand. */
const BASE = 11;
/** So near to the dot of another, a name would be taken for theirs. */
const APART = 9;

function wide(text: string): number {
  return [...text].reduce((sum, sign) => sum + ((sign.codePointAt(0) ?? 0) > 0x2e80 ? 2 : 1), 0) * LETTER;
}

/** The places that a name can have: below its dot, above it, or beside it. */
function places({ x, y, r, text }: Drawn): { box: Box; placed: Placed }[] {
  const width = wide(text);
  const at = (left: number, top: number, placed: Omit<Placed, 'y'>) => ({
    box: [left, top, left + width, top + LINE] as const,
    placed: { ...placed, y: top + BASE },
  });
  const level = y - LINE / 2;
  return [
    at(x - width / 2, y + r, { x, anchor: 'middle' }),
    at(x - width / 2, y - r - LINE, { x, anchor: 'middle' }),
    at(x + r + 3, level, { x: x + r + 3, anchor: 'start' }),
    at(x - r - 3 - width, level, { x: x - r - 3, anchor: 'end' }),
    at(x - r, y + r, { x: x - r, anchor: 'start' }),
    at(x + r - width, y + r, { x: x + r, anchor: 'end' }),
    at(x - r, y - r - LINE, { x: x - r, anchor: 'start' }),
    at(x + r - width, y - r - LINE, { x: x + r, anchor: 'end' }),
  ];
}

const meet = (a: Box, b: Box) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/**
 * Which names can be written within `width` without touching another name or coming near to the dot of somebody else, and where. The
 * busiest choose first.
 */
export function named(nodes: Drawn[], width: number): Map<number, Placed> {
  const dots = nodes.map(({ x, y, r }): Box => [x - r, y - r, x + r, y + r]);
  const near = dots.map((dot): Box => [dot[0] - APART, dot[1], dot[2] + APART, dot[3]]);
  const order = nodes.map((_, at) => at).sort((a, b) => (nodes[b]?.count ?? 0) - (nodes[a]?.count ?? 0));
  const taken: Box[] = [];
  const chosen = new Map<number, Placed>();
  for (const at of order) {
    const node = nodes[at];
    if (node === undefined) continue;
    const free = places(node).find(
      ({ box }) =>
        box[0] >= 0 &&
        box[2] <= width &&
        !taken.some((other) => meet(box, other)) &&
        !near.some((dot, other) => other !== at && meet(box, dot)),
    );
    if (free === undefined) continue;
    taken.push(free.box);
    chosen.set(at, free.placed);
  }
  return chosen;
}

/** Where the name of somebody stands who is looked at, whatever lies there. */
export function belowDot({ x, y, r, text }: Drawn, width: number): Placed {
  const half = wide(text) / 2;
  const anchor = x < half ? 'start' : x > width - half ? 'end' : 'middle';
  return {
    x: anchor === 'start' ? Math.max(0, x - r) : anchor === 'end' ? Math.min(width, x + r) : x,
    y: y + r + BASE,
    anchor,
  };
}
