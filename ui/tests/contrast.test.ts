import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/shared/tokens.css', 'utf8');

function palette(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]),
  );
}
const [light, dark] = css.split(":root[data-theme='dark']").map(palette) as [
  Map<string, string>,
  Map<string, string>,
];

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg', 'panel', 'panel-2', 'hover', 'accent-soft'];
const inks = ['ink', 'ink-2', 'ink-3', 'accent', 'good', 'warn', 'bad'];
const pairs = [
  ...inks.flatMap((ink) => grounds.map((ground) => [ink, ground] as const)),
  ['mark-ink', 'mark'],
  ['accent-ink', 'accent'],
  ['accent-ink', 'accent-hover'],
  ['good', 'good-soft'],
  ['warn', 'warn-soft'],
  ['bad', 'bad-soft'],
  ...['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'].flatMap((colour) =>
    [`tag-${colour}-soft`, ...grounds].map((ground) => [`tag-${colour}`, ground] as const),
  ),
] as const;

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('%s palette', (_, colours) => {
  it.each(pairs)('%s on %s can be read', (ink, ground) => {
    expect(contrast(colours.get(ink)!, colours.get(ground)!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['panel', 'bg'])('the edge of fields can be seen on %s', (ground) => {
    expect(contrast(colours.get('line-strong')!, colours.get(ground)!)).toBeGreaterThanOrEqual(3);
  });
});
