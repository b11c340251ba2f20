import type { Sample } from '../../ipc/generated/api';
import type { Point } from '../../shared/components/Sparkline.svelte';

/** How far back the lines reach, in milliseconds. */
export const SPAN_MS = 120_000;

/** The samples of the last two minutes, and the highest rate seen. */
export class Monitor {
  samples = $state.raw<Sample[]>([]);
  /** Most items per second of any sample since the window opened. */
  peak = $state(0);
  readonly now = $derived(this.samples.at(-1));

  /** Adds samples in any order; each moment counts once. */
  add(...added: Sample[]): void {
    const known = new Set(this.samples.map(({ at }) => at));
    const all = [...this.samples, ...added.filter(({ at }) => !known.has(at))];
    if (all.length > 1) all.sort((a, b) => a.at - b.at);
    const from = (all.at(-1)?.at ?? 0) - SPAN_MS;
    this.samples = all.filter(({ at }) => at >= from);
    this.peak = Math.max(this.peak, ...added.map((sample) => sample.items_per_second));
  }

  /** One value of each sample, to be drawn. */
  line(value: (sample: Sample) => number): Point[] {
    return this.samples.map((sample) => ({ at: sample.at, value: value(sample) }));
  }
}
