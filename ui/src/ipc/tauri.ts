/**
 * The shell, as Tauri offers it. The only file that imports `@tauri-apps/*`.
 */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import { openUrl, revealItemInDir } from '@tauri-apps/plugin-opener';
import type { ApiError, Commands, Event } from './generated/api';

/** What happens to files that are dragged over the window. */
export type FileDrag =
  { type: 'over'; paths: string[] } | { type: 'leave' } | { type: 'drop'; paths: string[] };

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** Whatever a rejected call carries, as the error that the API promises. */
export function asApiError(thrown: unknown): ApiError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const error = thrown as Partial<ApiError>;
    return {
      code: error.code ?? 'internal',
      message: String(error.message),
      advice: error.advice ?? '',
      detail: error.detail ?? null,
    };
  }
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message: 'Mailscope could not do this.', advice: '', detail };
}

/** The commands that are asked from somewhere: days begin there, and its clocks show the hours. */
type Zoned = {
  [K in keyof Commands]: 'zone' extends keyof Commands[K]['request'] ? K : never;
}[keyof Commands];
const ZONED: Record<Zoned, true> = {
  search: true,
  complete: true,
  conversation: true,
  insights: true,
  people: true,
  replies: true,
  review: true,
  export: true,
};

let zone: (() => string) | undefined;

/** From now on queries are asked from the zone that `tell` names. */
export function askFrom(tell: () => string): void {
  zone = tell;
}

/** A request from where the reader is, where it asks a query. */
function fromHere<K extends keyof Commands>(name: K, request: Commands[K]['request']): object {
  return zone !== undefined && name in ZONED && 'query' in request ? { ...request, zone: zone() } : request;
}

/** Calls one command. Rejects with an {@link ApiError} and nothing else. */
export async function call<K extends keyof Commands>(
  name: K,
  request: Commands[K]['request'],
): Promise<Commands[K]['response']> {
  return await promised(async () => {
    const answer = await invoke<string>('call', { name, request: JSON.stringify(fromHere(name, request)) });
    return JSON.parse(answer) as Commands[K]['response'];
  });
}

/** Whatever goes wrong in `work`, callers see an {@link ApiError}. */
async function promised<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asApiError(thrown);
  }
}

/** Hears every event of the engine, until the returned function is called. */
export function onEvent(handler: (event: Event) => void): Promise<Unsubscribe> {
  return promised(() => listen<Event>('mailscope', ({ payload }) => handler(payload)));
}

/** Hears where links in messages want to go. Nothing was opened: the shell refuses, and tells. */
export function onLink(handler: (address: string) => void): Promise<Unsubscribe> {
  return promised(() => listen<string>('mailscope-link', ({ payload }) => handler(payload)));
}

/** Hears what was chosen in the native menus, by name. */
export function onMenu(handler: (name: string) => void): Promise<Unsubscribe> {
  return promised(() => listen<string>('mailscope-menu', ({ payload }) => handler(payload)));
}

/** Whether these paths are files that were dragged out of this window. */
export function isOwnDrag(paths: string[]): boolean {
  return paths.length > 0 && paths.every((path) => /[\\/]mailscope-drag-\d+[\\/]/.test(path));
}

/** Opens an address of the web or of mail in the system's own program. */
export function openAddress(address: string): Promise<void> {
  return promised(() => openUrl(address));
}

/** Shows a file in the system's file manager. */
export function showFile(path: string): Promise<void> {
  return promised(() => revealItemInDir(path));
}

/** Hears of files dragged over the window. Only the first report of a drag names the paths; they are kept. */
export function onFileDrag(handler: (drag: FileDrag) => void): Promise<Unsubscribe> {
  return promised(() =>
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      switch (payload.type) {
        case 'enter':
          handler({ type: 'over', paths: payload.paths });
          break;
        case 'drop':
          handler({ type: 'drop', paths: payload.paths });
          break;
        case 'leave':
          handler({ type: 'leave' });
          break;
        case 'over':
          break;
      }
    }),
  );
}

/** Asks for Outlook data files; empty when the person thinks better of it. */
export async function chooseFiles(): Promise<string[]> {
  const chosen = await promised(() =>
    open({
      title: 'Choose Outlook data files',
      multiple: true,
      directory: false,
      filters: [
        { name: 'Outlook data files', extensions: ['pst', 'ost', 'PST', 'OST'] },
        { name: 'All files', extensions: ['*'] },
      ],
    }),
  );
  return chosen ?? [];
}

/** Asks for a folder to read or to write into; null when the person thinks better of it. */
export function chooseFolder(title: string): Promise<string | null> {
  return promised(() => open({ title, multiple: false, directory: true }));
}

/** Asks where to save a file; null when the person thinks better of it. */
export function chooseSavePath(name: string, title = 'Save attachment'): Promise<string | null> {
  return promised(() => save({ title, defaultPath: name }));
}
