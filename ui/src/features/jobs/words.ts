import type { Job } from '../../ipc/generated/api';
import { count, span } from '../../shared/lib/format';
import { progress } from './jobs.svelte';
import { aboutLeft } from './pace';

/** What became of a job, or how far it is, in a few words. */
export function status(job: Job): string {
  switch (job.state) {
    case 'queued':
      return 'waiting';
    case 'planning':
      return 'looking through the file';
    case 'reading': {
      const part = progress(job);
      const percent = part === null ? '' : `${Math.floor(part * 100)}%`;
      const left = job.seconds_left === null ? '' : aboutLeft(job.seconds_left);
      return [percent, left].filter(Boolean).join(' · ') || 'reading';
    }
    case 'paused': {
      const part = progress(job);
      return part === null ? 'paused' : `paused at ${Math.floor(part * 100)}%`;
    }
    case 'done':
      return `done, ${changes(job)} in ${span(job.seconds)}`;
    case 'cancelled':
      return `stopped after ${count(job.processed)}`;
    case 'failed':
      return 'failed';
  }
}

function changes(job: Job): string {
  const parts: string[] = [];
  if (job.new > 0) parts.push(job.new === job.processed ? count(job.new) : `${count(job.new)} new`);
  if (job.updated > 0) parts.push(`${count(job.updated)} changed`);
  if (job.removed > 0) parts.push(`${count(job.removed)} gone`);
  if (parts.length > 0) return parts.join(', ');
  return job.unchanged > 0 ? 'nothing new' : 'no items';
}

/** The losses of a job, written out; empty when there are none. */
export function losses(job: Job): string {
  const parts: string[] = [];
  if (job.counts.recovered > 0) parts.push(`${count(job.counts.recovered)} recovered`);
  if (job.counts.partial > 0) parts.push(`${count(job.counts.partial)} only in part`);
  if (job.counts.failed > 0) parts.push(`${count(job.counts.failed)} unreadable`);
  return parts.join(', ');
}
