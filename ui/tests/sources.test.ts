import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import LossesDialog from '../src/features/sources/LossesDialog.svelte';
import Sidebar from '../src/features/sources/Sidebar.svelte';
import { grow, lines, lossWords, textWords, shortPath } from '../src/features/sources/tree';
import { Watched } from '../src/features/sources/watched.svelte';
import type { Source } from '../src/ipc/generated/api';
import { count } from '../src/shared/lib/format';
import { counts, source } from './dev/memory';

describe('the tree of folders', () => {
  it('counts what a search in a folder reaches', () => {
    const [top] = grow(source().folders);
    expect(top?.total).toBe(37_839 + 9_340 + 1_022 + 31_777 + 2_118);
    expect(top?.failed).toBe(4);
    expect(top?.children.map(({ folder, total }) => [folder.name, total])).toEqual([
      ['Inbox', 48_201],
      ['Sent Items', 31_777],
      ['Recovered items', 2_118],
    ]);
  });

  it('names folders as it shows them', () => {
    const file = source();
    const check = (path: string, expected: string) => expect(shortPath(file, path)).toBe(expected);
    check('Top of Outlook data file/Inbox', 'Inbox');
    check('Top of Outlook data file/Inbox/Legal hold', 'Inbox/Legal hold');
    check('Top of Outlook data file', 'Top of Outlook data file');
    check('Elsewhere/Inbox', 'Elsewhere/Inbox');
    expect(shortPath(undefined, 'a/b')).toBe('a/b');
  });

  it('loses no folder whose parent is missing or is itself', () => {
    const { folders } = source();
    const odd = [
      { ...folders[1]!, parent: 99 },
      { ...folders[2]!, parent: 3 },
    ];
    expect(grow(odd).map(({ folder }) => folder.id)).toEqual([2, 3]);
  });

  it('leaves out a top folder that only holds the others', () => {
    const shown = lines([source()], () => true).map(
      (line) => `${line.level} ${line.type === 'source' ? line.source.name : line.branch.folder.name}`,
    );
    expect(shown).toEqual([
      '1 archive-2001.pst',
      '2 Inbox',
      '3 Capacity desk',
      '3 Legal hold',
      '2 Sent Items',
      '2 Recovered items',
    ]);
  });

  it('leaves out empty top folders beside others', () => {
    const file = source();
    const empty = { ...file.folders[0]!, id: 90, name: 'Search Root', path: 'Search Root' };
    const names = (folders: Source['folders']) =>
      lines([{ ...file, folders }], () => true)
        .slice(1)
        .map((line) => (line.type === 'folder' ? line.branch.folder.name : ''));
    expect(names([...file.folders, empty])).toEqual(names(file.folders));
    expect(names([empty])).toEqual(['Search Root']);
    const failed = { ...empty, counts: counts(0, { expected: 2, failed: 2 }) };
    expect(names([...file.folders, failed])).toContain('Search Root');
  });

  it('leaves out the root without a name, and what Exchange keeps beside the folders of a mailbox', () => {
    const [pattern] = source().folders;
    const shown = (...folders: [id: number, parent: number | null, name: string, items: number][]) =>
      lines(
        [
          {
            ...source(),
            folders: folders.map(([id, parent, name, items]) => ({
              ...pattern!,
              id,
              parent,
              name,
              path: name,
              counts: counts(items),
            })),
          },
        ],
        () => true,
      )
        .slice(1)
        .map((line) => `${line.level} ${line.type === 'folder' ? line.branch.folder.name : ''}`);
    expect(
      shown(
        [1, null, '', 0],
        [2, 1, 'Top of Personal Folders', 0],
        [3, 2, 'Deleted Items', 0],
        [4, 2, 'Inbox', 3],
        [5, 1, 'Search Root', 0],
      ),
    ).toEqual(['2 Deleted Items', '2 Inbox']);
    expect(
      shown(
        [1, null, '', 0],
        [2, 1, 'Root - Public', 0],
        [3, 2, 'IPM_SUBTREE', 0],
        [4, 1, 'Root - Mailbox', 0],
        [5, 4, 'Finder', 0],
        [6, 4, 'IPM_SUBTREE', 0],
        [7, 6, 'Inbox', 3],
        [8, 6, 'Outbox', 0],
      ),
    ).toEqual(['2 Inbox', '2 Outbox']);
    // What stands beside it holds something too: both are needed to tell.
    expect(shown([1, null, '', 0], [2, 1, 'Top', 0], [3, 2, 'Inbox', 3], [4, 1, 'Freebusy Data', 1])).toEqual(
      ['2 Top', '3 Inbox', '2 Freebusy Data'],
    );
    expect(shown([1, null, '', 0], [2, 1, 'Top', 0], [3, 2, 'Inbox', 0], [4, 1, 'Search Root', 0])).toEqual([
      '2 Top',
      '3 Inbox',
      '2 Search Root',
    ]);
  });

  it('writes out what became of attached files', () => {
    const none = { waiting: 0, read: 0, nothing: 0, failed: 0 };
    expect(textWords(none, count)).toBe('');
    expect(textWords({ ...none, read: 1 }, count)).toBe(
      'Text of 1 attached file: 1 can be searched, 0 hold none.',
    );
    expect(textWords({ waiting: 2_000, read: 5, nothing: 3, failed: 1 }, count)).toBe(
      'Text of 2,009 attached files: 5 can be searched, 3 hold none, 1 could not be read, 2,000 are still to be read.',
    );
  });

  it('writes losses out', () => {
    expect(lossWords({ recovered: 2_118, failed: 4, partial: 1 }, count)).toEqual([
      '2,118 recovered',
      '4 unreadable',
      '1 only in part',
    ]);
    expect(lossWords({ recovered: 0, failed: 0, partial: 0 }, count)).toEqual([]);
  });
});

describe('the sidebar', () => {
  const nothing = () => new Watched(() => Promise.resolve({ paths: [] }));
  function show(sources: Source[], part?: number, watching = nothing(), problem: string | null = null) {
    const acts = {
      onscope: vi.fn(),
      onfiles: vi.fn(),
      onfolder: vi.fn(),
      onlosses: vi.fn(),
      onremove: vi.fn(),
      onagain: vi.fn(),
      onreveal: vi.fn(),
      onreport: vi.fn(),
      onwatch: vi.fn(),
      onwatchfolder: vi.fn(),
      onflagged: vi.fn(),
    };
    const watched = ({ path }: Source) => watching.by(path);
    render(Sidebar, {
      sources,
      total: 82_000,
      problem,
      flagged: 3,
      onlyFlagged: false,
      scope: null,
      progress: () => part,
      watched,
      ...acts,
    });
    return acts;
  }
  const names = () =>
    screen.getAllByRole('treeitem').map((line) => line.querySelector('.side-name')?.textContent);

  it('opens, closes and chooses by keyboard', async () => {
    const acts = show([source()]);
    const press = (key: string) => fireEvent.keyDown(document.activeElement!, { key });
    screen.getByTestId('all-mail').focus();
    await press('ArrowDown');
    await press('Enter');
    expect(acts.onflagged).toHaveBeenCalledOnce();
    await press('ArrowDown');
    expect(document.activeElement?.getAttribute('data-key')).toBe('source-1');
    await press('ArrowDown');
    await press('Enter');
    expect(acts.onscope).toHaveBeenLastCalledWith({
      source: 1,
      folder: 2,
      label: 'archive-2001.pst / Inbox',
    });
    expect(names()).toContain('Legal hold');
    await press('ArrowLeft');
    expect(names()).not.toContain('Legal hold');
    await press('ArrowLeft');
    expect(document.activeElement?.getAttribute('data-key')).toBe('source-1');
    await press('ArrowLeft');
    expect(names()).toEqual(['All mail', 'Flagged for review', 'archive-2001.pst']);
  });

  it('says for as long as it is so that a file is cut off', () => {
    show([source({ missing: 71_360 })]);
    expect(screen.getByTestId('cut-off').textContent).toContain('its last 70 KB are missing');
    expect(screen.getByTestId('cut-off').textContent).toContain('Copy it again');
  });

  it('says nothing of a file that is whole', () => {
    show([source({ missing: 0 })]);
    expect(screen.queryByTestId('cut-off')).toBeNull();
  });

  it('shows how far a file is read', () => {
    show([source()], 0.618);
    expect(screen.getByTestId('source-count').textContent.trim()).toBe('61%');
    expect(screen.getByRole('progressbar', { hidden: true }).getAttribute('aria-valuenow')).toBe('62');
  });

  it('says how many attached files are still to be read, or why they cannot be', () => {
    const one = source({ texts: { waiting: 41, read: 0, nothing: 0, failed: 0 } });
    const said = () => screen.getByTestId('unread-texts').textContent.replace(/\s+/g, ' ');
    show([one]);
    expect(said()).toBe('Text of 41 attached files still to be read.');
    cleanup();
    show([one], undefined, nothing(), 'The disk is full.');
    expect(said()).toBe('Text of 41 attached files cannot be read now: The disk is full.');
  });

  it('opens the losses, and offers to remove', async () => {
    const acts = show([source({ counts: counts(9, { failed: 4, recovered: 2_118 }) })]);
    expect(screen.getByTestId('losses').textContent.trim()).toBe('2,118 recovered, 4 unreadable');
    await fireEvent.click(screen.getByTestId('losses'));
    expect(acts.onlosses).toHaveBeenCalledOnce();
    await fireEvent.contextMenu(screen.getByTestId('source'));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Remove from library…' }));
    expect(acts.onremove).toHaveBeenCalledOnce();
    expect(acts.onscope).not.toHaveBeenCalled();
  });

  it('switches watching of a file, but not of one that is watched with its folder', async () => {
    const acts = show([source()]);
    expect(screen.queryByTestId('watched')).toBeNull();
    await fireEvent.contextMenu(screen.getByTestId('source'));
    const off = screen.getByRole('menuitemcheckbox', { name: 'Import again when it changes' });
    expect(off.getAttribute('aria-checked')).toBe('false');
    await fireEvent.click(off);
    expect(acts.onwatch).toHaveBeenCalledWith(expect.objectContaining({ id: 1 }), true);
    cleanup();

    const watching = nothing();
    watching.take({ paths: [source().path.replace(/\/[^/]*$/, '')] });
    show([source()], undefined, watching);
    expect(screen.getByTestId('watched')).toBeTruthy();
    await fireEvent.contextMenu(screen.getByTestId('source'));
    const on = screen.getByRole<HTMLButtonElement>('menuitemcheckbox', { name: 'Watched with its folder' });
    expect([on.getAttribute('aria-checked'), on.disabled]).toEqual(['true', true]);
  });
});

describe('what is watched', () => {
  it('is told by whole names of folders', () => {
    const check = (paths: string[], file: string, expected: { folder: string | null } | null) => {
      const watching = new Watched(() => Promise.resolve({ paths }));
      watching.take({ paths });
      expect(watching.by(file), file).toEqual(expected);
    };
    check(['/a/b.pst'], '/a/b.pst', { folder: null });
    check(['/a'], '/a/b.pst', { folder: '/a' });
    check(['/a/'], '/a/x/b.pst', { folder: '/a/' });
    check(['/a'], '/ab/b.pst', null);
    check(['C:\\mail'], 'C:\\mail\\b.pst', { folder: 'C:\\mail' });
    check([], '/a/b.pst', null);
  });
});

describe('the account of a file', () => {
  const check = async (more: Parameters<typeof source>[0], said: string[], unsaid: string[] = []) => {
    const load = () => Promise.resolve({ failures: [], anomalies: [], attachments: [] });
    render(LossesDialog, { source: source(more), load, onread: vi.fn(), onclose: vi.fn() });
    await screen.findByRole('tablist');
    const text = screen.getByTestId('losses-dialog').textContent.replaceAll(/\s+/g, ' ');
    for (const words of said) expect(text).toContain(words);
    for (const words of unsaid) expect(text).not.toContain(words);
    cleanup();
  };

  it('says what was not read, and what the file no longer has', async () => {
    await check(
      {},
      ['82,000 items', 'Unreadable items 0', 'Unreadable attachments 0'],
      ['hidden', 'no longer'],
    );
    const one = { counts: counts(7, { hidden_items: 1 }), gone: 1 };
    await check(one, [
      '1 more is kept from an earlier state of the file, which no longer has it.',
      '1 hidden entry of the folders (views, rules and settings of Outlook) was counted and not read.',
    ]);
    const many = { counts: counts(7, { hidden_items: 2_500 }), gone: 12 };
    await check(many, ['12 more are kept', 'has them', '2,500 hidden entries', 'were counted and not read']);
  });
});
