/** Opens the window on the engine in memory. `?empty`, `?in-use`, `?importing`, `?items=1000000`. */
import { emit } from '@tauri-apps/api/event';
import { mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import type { Commands } from '../../src/ipc/generated/api';
import { counts, failure, job, MemoryEngine, sample, source } from './memory';

const asked = new URLSearchParams(location.search);
const importing = asked.has('importing');
const engine = new MemoryEngine(
  asked.has('empty')
    ? {}
    : {
        items: Number(asked.get('items') ?? 1_204_332),
        sources: [
          source({
            complete: !importing,
            job: importing ? 1 : null,
            counts: counts(82_000, { failed: 4, recovered: 2_118 }),
          }),
          source({ id: 2, name: 'alice.pst', folders: [], counts: counts(5_998) }),
          source({
            id: 3,
            name: 'exchange-2019.ost',
            kind: 'OST',
            folders: [],
            counts: counts(402_310),
            available: false,
          }),
        ],
        jobs: importing
          ? [
              job(),
              job({
                id: 2,
                name: 'exchange-2019.ost',
                state: 'done',
                source: 3,
                processed: 402_310,
                new: 402_310,
                seconds: 51,
                planned: 402_310,
              }),
              job({
                id: 3,
                name: 'damaged.pst',
                state: 'done',
                source: 2,
                processed: 900,
                new: 900,
                counts: counts(900, { failed: 4, recovered: 2_118 }),
              }),
            ]
          : [],
      },
);
if (asked.has('in-use')) {
  engine.startup = failure(
    'library_in_use',
    'Another Mailscope has this library open.',
    'Close the other window, then try again.',
    'lock: /library/lock is held by process 4711',
  );
}

mockWindows('main');
mockIPC(
  (command, args) => {
    const { name, request } = args as { name: keyof Commands; request: string };
    if (command === 'call') {
      try {
        return JSON.stringify(engine.call(name, JSON.parse(request) as never));
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    if (command === 'plugin:dialog|open') return ['/home/carla/archive-2001.pst'];
    if (command === 'plugin:dialog|save') return '/home/carla/Capacity by month.xls';
    return undefined;
  },
  { shouldMockEvents: true },
);

if (importing) {
  let processed = 61;
  setInterval(() => {
    processed = Math.min(99, processed + 0.2);
    engine.total += 4_000;
    engine.generation += 1;
    void emit('mailscope', { type: 'job', job: job({ processed, planned: 100 }) });
    void emit('mailscope', { type: 'library', generation: engine.generation, total_items: engine.total });
    void emit('mailscope', { type: 'sample', sample: sample(Date.now()) });
  }, 500);
}
Object.assign(window, { mailscopeEmit: emit });
await import('../../src/main');
