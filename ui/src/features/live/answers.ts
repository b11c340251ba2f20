import type { Sample } from '../../ipc/generated/api';

/** How many questions were asked, and how many of 100 were answered from memory. */
export interface FromMemory {
  percent: number;
  asked: number;
}

/** That of the time of these samples, oldest first, or of all time where nothing was asked meanwhile; null where nothing was ever. */
export function fromMemory(samples: readonly Sample[]): FromMemory | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  const rate = (hits: number, misses: number): FromMemory | null =>
    hits + misses > 0 ? { percent: Math.round((100 * hits) / (hits + misses)), asked: hits + misses } : null;
  const lately = rate(last.cache_hits - first.cache_hits, last.cache_misses - first.cache_misses);
  return lately ?? rate(last.cache_hits, last.cache_misses);
}
