import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { Exports, part, words } from '../src/features/export/exports.svelte';
import type { Export } from '../src/ipc/generated/api';
import { exported } from './dev/memory';
import { asked, closeAfterEach, full, open, press } from './dev/window';

closeAfterEach();

describe('an export', () => {
  it('is told in words', () => {
    const check = (more: Partial<Export>, expected: string, done: number | null) =>
      expect([words(exported(more)), part(exported(more))]).toEqual([expected, done]);
    check({}, '40 of 100 items', 0.4);
    check({ planned: 0, written: 0 }, 'looking', null);
    check({ state: 'done', written: 97, partial: 2, failed: 1 }, '97 written, 2 not whole, 1 not written', 1);
    check({ state: 'cancelled', skipped: 10 }, 'stopped, 40 written, 10 there before', 0.5);
  });

  it('never runs again once it is over', () => {
    const exports = new Exports();
    expect(exports.hear(exported())).toBeUndefined();
    expect(exports.hear(exported({ state: 'done' }))).toBe('running');
    exports.hear(exported());
    exports.take([exported(), exported({ id: 71 })]);
    expect(exports.shown.map(({ id, state }) => [id, state])).toEqual([
      [71, 'running'],
      [70, 'done'],
    ]);
    exports.dismiss(70);
    expect(exports.shown).toHaveLength(1);
  });

  it('writes what was found, or what is read, into the folder that was chosen', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await press('e');
    await fireEvent.click(await screen.findByTestId('export-csv'));
    await fireEvent.click(screen.getByTestId('export-start'));
    await waitFor(() =>
      expect(asked(engine, 'export')).toEqual([
        { format: 'csv', to: '/home/carla/out', query: '', as_you_type: true },
      ]),
    );
    expect((await screen.findByTestId('export')).dataset['state']).toBe('running');
    engine.emit({ type: 'export', export: exported({ format: 'csv', state: 'done', written: 100 }) });
    await waitFor(() => expect(screen.getByTestId('export-state').textContent).toBe('100 written'));

    await fireEvent.click(screen.getAllByTestId('result-row')[0]!);
    await fireEvent.click(await screen.findByTestId('save-all'));
    await waitFor(() =>
      expect(asked(engine, 'export').at(-1)).toEqual({
        format: 'attachments',
        to: '/home/carla/out',
        ids: [1],
      }),
    );
  });
});
