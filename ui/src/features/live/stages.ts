import type { StageLoad } from '../../ipc/generated/api';

/** Below this share of a thread, nothing is worth naming. */
const NOTABLE = 0.1;

const WORK: Record<string, string> = {
  store: 'paced by the database',
  commit_store: 'paced by the disk',
  index: 'paced by the index',
  commit_index: 'paced by the index',
};

/** What sets the pace of the running imports, in a few words; nothing when nothing is notable. */
export function pace(stages: readonly StageLoad[]): string {
  const load = (name: string) => stages.find((stage) => stage.name === name)?.threads ?? 0;
  if (load('queue_full') < NOTABLE) return load('read') >= NOTABLE ? 'paced by reading' : '';
  const writer = stages.filter((stage) => stage.name in WORK);
  const most = writer.reduce((a, b) => (b.threads > a.threads ? b : a), { name: '', threads: 0 });
  return WORK[most.name] ?? '';
}
