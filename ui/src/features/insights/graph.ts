import type { People } from '../../ipc/generated/api';
import { displayName } from '../../shared/lib/names';

/** A person, drawn. */
export interface Node {
  /** Index into `People.people`. */
  person: number;
  name: string;
  /** What a query names the person by. */
  term: string;
  count: number;
  group: number;
  x: number;
  y: number;
  r: number;
}

/** Two who write to each other, whichever way. */
export interface Edge {
  a: number;
  b: number;
  count: number;
  /** From the first to the second, and back. */
  there: number;
  back: number;
}

/** A graph laid out in a box of one by one. */
export interface Graph {
  nodes: Node[];
  edges: Edge[];
}

/** What a query names a person by: the address, else the name. */
export function termOf({ name, address }: { name: string; address: string }): string {
  return address || name;
}

/** The pairs among the first `most` people, both directions together; those whom no pair joins are left out. */
export function pairs(people: People, most: number): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { from, to, count } of people.links) {
    if (from === to || from >= most || to >= most) continue;
    if (people.people[from] === undefined || people.people[to] === undefined) continue;
    const [a, b] = from < to ? [from, to] : [to, from];
    const edge = edges.get(`${a} ${b}`) ?? { a, b, count: 0, there: 0, back: 0 };
    edge.count += count;
    if (from === a) edge.there += count;
    else edge.back += count;
    edges.set(`${a} ${b}`, edge);
  }
  return [...edges.values()].sort((a, b) => b.count - a.count);
}

const ROUNDS = 260;

/** Draws the first `most` people: who writes much to each other comes to lie together (Fruchterman and Reingold's springs). */
export function layout(people: People, most: number): Graph {
  const edges = pairs(people, most).slice(0, most * 4);
  const joined = [...new Set(edges.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a - b);
  const place = new Map(joined.map((person, at) => [person, at]));
  const total = joined.length;
  const xs = new Float64Array(total);
  const ys = new Float64Array(total);
  // A spiral by group: the same people always begin, and so end, at the same place.
  const order = joined.map((_, at) => at);
  order.sort((a, b) => group(a) - group(b) || a - b);
  order.forEach((at, rank) => {
    const angle = rank * 2.399963;
    const radius = 0.5 * Math.sqrt((rank + 0.5) / Math.max(1, total));
    xs[at] = radius * Math.cos(angle);
    ys[at] = radius * Math.sin(angle);
  });
  function group(at: number): number {
    return people.people[joined[at] ?? 0]?.community ?? 0;
  }

  const heaviest = Math.max(1, ...edges.map((edge) => edge.count));
  const springs = edges.map(({ a, b, count }) => ({
    a: place.get(a) ?? 0,
    b: place.get(b) ?? 0,
    pull: 0.35 + 0.65 * (Math.log1p(count) / Math.log1p(heaviest)),
  }));
  const k = Math.sqrt(1 / Math.max(1, total)) * 0.9;
  const dx = new Float64Array(total);
  const dy = new Float64Array(total);
  for (let round = 0; round < ROUNDS && total > 1; round += 1) {
    const heat = 0.09 * (1 - round / ROUNDS) + 0.001;
    dx.fill(0);
    dy.fill(0);
    for (let a = 0; a < total; a += 1) {
      for (let b = a + 1; b < total; b += 1) {
        const x = (xs[a] ?? 0) - (xs[b] ?? 0);
        const y = (ys[a] ?? 0) - (ys[b] ?? 0);
        const square = Math.max(1e-6, x * x + y * y);
        const force = (k * k) / square;
        move(a, x * force, y * force);
        move(b, -x * force, -y * force);
      }
    }
    for (const { a, b, pull } of springs) {
      const x = (xs[a] ?? 0) - (xs[b] ?? 0);
      const y = (ys[a] ?? 0) - (ys[b] ?? 0);
      const force = (Math.hypot(x, y) / k) * pull;
      move(a, -x * force, -y * force);
      move(b, x * force, y * force);
    }
    for (let a = 0; a < total; a += 1) {
      // Those whom little holds must not drift away.
      const [x, y] = [(dx[a] ?? 0) - (xs[a] ?? 0) * 0.6, (dy[a] ?? 0) - (ys[a] ?? 0) * 0.6];
      const length = Math.max(1e-9, Math.hypot(x, y));
      const step = Math.min(length, heat) / length;
      xs[a] = (xs[a] ?? 0) + x * step;
      ys[a] = (ys[a] ?? 0) + y * step;
    }
  }
  function move(at: number, x: number, y: number): void {
    dx[at] = (dx[at] ?? 0) + x;
    dy[at] = (dy[at] ?? 0) + y;
  }

  const [x0, x1] = ends(xs);
  const [y0, y1] = ends(ys);
  const busiest = Math.max(1, ...joined.map((person) => volume(people, person)));
  const nodes = joined.map((person, at): Node => {
    const who = people.people[person] ?? { name: '', address: '', community: 0 };
    const count = volume(people, person);
    return {
      person,
      name: displayName(who) || 'unknown',
      term: termOf(who),
      count,
      group: who.community,
      x: total === 1 ? 0.5 : ((xs[at] ?? 0) - x0) / Math.max(1e-9, x1 - x0),
      y: total === 1 ? 0.5 : ((ys[at] ?? 0) - y0) / Math.max(1e-9, y1 - y0),
      r: 4 + 9 * Math.sqrt(count / busiest),
    };
  });
  return {
    nodes,
    edges: edges.map((edge) => ({ ...edge, a: place.get(edge.a) ?? 0, b: place.get(edge.b) ?? 0 })),
  };
}

function ends(values: Float64Array): [number, number] {
  return values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
}

function volume(people: People, person: number): number {
  const who = people.people[person];
  return who === undefined ? 0 : who.sent + who.received;
}
