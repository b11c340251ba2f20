/** Imports and measurements, made up. */
import type { Counts, Job, Sample, Snapshot } from '../../src/ipc/generated/api';

export function counts(items: number, more: Partial<Counts> = {}): Counts {
  const failed = more.failed ?? 0;
  return {
    expected: items + failed,
    items,
    failed,
    recovered: 0,
    partial: 0,
    hidden_items: 0,
    attachments: 0,
    embedded_messages: 0,
    ...more,
  };
}

export function job(more: Partial<Job> = {}): Job {
  return {
    id: 1,
    source: 1,
    name: 'archive-2001.pst',
    path: '/home/carla/Mail/archive-2001.pst',
    state: 'reading',
    planned: 100,
    processed: 61,
    counts: counts(61),
    new: 61,
    updated: 0,
    removed: 0,
    unchanged: 0,
    bytes: 61_000_000,
    size: 100_000_000,
    seconds: 12,
    format: 'Unicode',
    encryption: 'permute',
    folders: 6,
    anomalies: 0,
    seconds_left: 72,
    same_as: null,
    note: null,
    error: null,
    ...more,
  };
}

export function sample(at: number, more: Partial<Sample> = {}): Sample {
  const wave = Math.sin(at / 9_000) + Math.sin(at / 2_300) / 3;
  return {
    at,
    stages: [],
    items_per_second: 8_400 + wave * 900,
    bytes_per_second: 412e6 + wave * 40e6,
    memory: 214 * 2 ** 20 + wave * 9e6,
    memory_budget: 512 * 2 ** 20,
    processor: 1.7 + wave / 8,
    cores: 2,
    queue_bytes: 12e6,
    queue_capacity: 64e6,
    jobs_active: 1,
    search: { count: 120, p50: 4.2 + wave / 4, p95: 9 + wave, p99: 14 + wave, max: 30, sum: 600 },
    cache_hits: 83,
    cache_misses: 17,
    warnings: [],
    ...more,
  };
}

/** A library at rest. */
export function snapshot(): Snapshot {
  return {
    at: 0,
    version: '0.1.0',
    library: '/library',
    uptime_seconds: 60,
    now: sample(0),
    memory_peak: null,
    processor_seconds: 1,
    operations: [],
    cache: [],
    pool: { size: 4, open: 1, in_use: 0, waits: { count: 0, p50: 0, p95: 0, p99: 0, max: 0, sum: 0 } },
    stages: [],
    holds: {
      sources: 0,
      folders: 0,
      expected: 0,
      items: 0,
      failed: 0,
      recovered: 0,
      gone: 0,
      attachments: 0,
    },
    database: { schema: 7, bytes: 0, free: 0, batch: 0 },
    index: { documents: 0, deleted: 0, segments: 0, behind: 0 },
    disk: { database: 0, log: 0, index: 0, other: 0, free: null },
  };
}
