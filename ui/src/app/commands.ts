import type { Act } from '../features/list/SelectionBar.svelte';
import type { Command } from '../features/palette/commands';
import { shortPath } from '../features/sources/tree';
import { plural } from '../shared/lib/format';
import { toggle } from '../shared/lib/query';
import type { ThemeChoice } from '../shared/lib/theme.svelte';
import { forgetAnswers } from './forget';
import type { Session } from './session.svelte';
import { VIEWS, type View } from './views';

/** What the commands ask of the window beyond its session. */
export interface Acts {
  search: () => void;
  help: () => void;
  settings: () => void;
  about: () => void;
  export: () => void;
  libraries: () => void;
  go: (view: View) => void;
  /** Saves the search as it stands. */
  save: () => void;
  theme: (choice: ThemeChoice) => void;
}

/** Folders offered at most: beyond that a search for them is faster than a list. */
const FOLDERS = 2000;

/** Everything that the window can be asked for by name, as it stands now. */
export function commands(session: Session, acts: Acts): Command[] {
  const { results, reader } = session;
  const all: Command[] = [
    { id: 'search', group: 'Search', label: 'Go to the search field', keys: ['/'], run: acts.search },
    ...VIEWS.map(({ id, name, key }): Command => ({
      id: `view-${id}`,
      group: 'View',
      label: name,
      keys: ['g', key],
      run: () => acts.go(id),
    })),
    { id: 'all', group: 'Search', label: 'Show all mail', run: () => showAll(session) },
    { id: 'files', group: 'Import', label: 'Choose files…', run: () => void session.importFiles() },
    { id: 'folder', group: 'Import', label: 'Choose a folder…', run: () => void session.importFolder() },
    { id: 'watch-folder', group: 'Import', label: 'Watch a folder…', run: () => void session.watchFolder() },
    { id: 'libraries', group: 'Library', label: 'Libraries…', keys: ['Ctrl', 'L'], run: acts.libraries },
    ...(session.libraries.list?.libraries ?? [])
      .filter(({ current, available }) => available && !current)
      .map(({ name, path }): Command => ({
        id: `library-${path}`,
        group: 'Library',
        label: `Switch to ${name}`,
        run: () => void session.openLibrary(path),
      })),
    { id: 'export', group: 'Export', label: 'Export what was found…', keys: ['e'], run: acts.export },
    {
      id: 'fold',
      group: 'View',
      label: results.fold === 'duplicates' ? 'Show every copy' : 'Show items that say the same once',
      run: () => session.fold(results.fold !== 'duplicates'),
    },
    {
      id: 'activity',
      group: 'Review',
      label: 'Activity: who changed what',
      keys: ['g', 'a'],
      run: () => (session.asked = { at: 'activity' }),
    },
    {
      id: 'undo',
      group: 'Review',
      label: 'Take back the last change',
      keys: ['Ctrl', 'Z'],
      run: () => void session.judging.undo(),
    },
    ...(results.query.trim() === ''
      ? []
      : [{ id: 'save-search', group: 'Search', label: 'Save this search…', run: acts.save }]),
    ...session.judging.review.saved.map((saved): Command => ({
      id: `saved-${saved.name}`,
      group: 'Saved search',
      label: saved.name,
      run: () => {
        results.scope = null;
        void results.commit(saved.query);
      },
    })),
    ...(results.shown === null || results.shown.total === 0 ? [] : judgments(session, results.shown.total)),
    {
      id: 'live',
      group: 'View',
      label: session.live ? 'Close the live panel' : 'Open the live panel',
      run: () => session.showLive(!session.live),
    },
    {
      id: 'forget-answers',
      group: 'Library',
      label: 'Forget cached answers',
      run: () => void forgetAnswers(session.notices),
    },
    ...(['newest', 'oldest', 'relevance', 'size'] as const).map((sort): Command => ({
      id: `sort-${sort}`,
      group: 'Order',
      label: `By ${{ newest: 'date, newest first', oldest: 'date, oldest first', relevance: 'relevance', size: 'size' }[sort]}`,
      run: () => results.order(sort),
    })),
    ...(['system', 'light', 'dark'] as const).map((choice): Command => ({
      id: `theme-${choice}`,
      group: 'Theme',
      label: { system: 'As the system', light: 'Light', dark: 'Dark' }[choice],
      run: () => acts.theme(choice),
    })),
    { id: 'settings', group: 'Window', label: 'Settings…', keys: ['Ctrl', ','], run: acts.settings },
    { id: 'help', group: 'Help', label: 'Keys and search', keys: ['?'], run: acts.help },
    { id: 'about', group: 'Help', label: 'About Mailscope', run: acts.about },
  ];
  const item = reader.item;
  if (item !== null) {
    all.push({
      id: 'search-sender',
      group: 'Message',
      label: 'Search mail from and to its sender',
      run: () => {
        const term = item.from?.address || item.from?.name;
        if (term) void results.commit(toggle(results.query, 'participants', term));
      },
    });
    all.push({
      id: 'print',
      group: 'Message',
      label: 'Print…',
      keys: ['Ctrl', 'P'],
      run: () => void session.outward.print(),
    });
    all.push({
      id: 'pdf',
      group: 'Message',
      label: 'Save as PDF…',
      keys: ['Ctrl', 'Shift', 'S'],
      run: () => void session.outward.savePdf(),
    });
    all.push({
      id: 'close',
      group: 'Message',
      label: 'Close the message',
      keys: ['Esc'],
      run: () => reader.close(),
    });
  }
  for (const source of session.sources.list) {
    all.push({
      id: `source-${source.id}`,
      group: 'Source',
      label: source.name,
      run: () => results.narrow({ source: source.id, label: source.name }),
    });
  }
  for (const source of session.sources.list) {
    for (const folder of source.folders) {
      if (all.length >= FOLDERS) return all;
      if (folder.name === '') continue;
      const path = shortPath(source, folder.path);
      all.push({
        id: `folder-${folder.id}`,
        group: 'Folder',
        label: session.sources.list.length > 1 ? `${path}, ${source.name}` : path,
        run: () =>
          results.narrow({ source: source.id, folder: folder.id, label: `${source.name} / ${folder.name}` }),
      });
    }
  }
  return all;
}

/** What can be said of all that the search finds. */
function judgments({ judging, choosing }: Session, total: number): Command[] {
  const all = `all ${plural(total, 'result')}`;
  const acts: [Act, string][] = [
    ['tag', `Tag ${all}…`],
    ['flag', `Flag ${all}`],
    ['reviewed', `Mark ${all} as looked through`],
    ['note', `Write a note on ${all}…`],
  ];
  return acts.map(([act, label]): Command => ({
    id: `all-${act}`,
    group: 'Review',
    label,
    run: () => {
      choosing.shown.chooseAll();
      judging.act(act);
    },
  }));
}

function showAll({ results }: Session): void {
  results.scope = null;
  void results.commit('');
}
