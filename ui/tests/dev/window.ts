/** The window of the tests: the application's own page on an engine in memory. */
import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import { cleanup, fireEvent, render } from '@testing-library/svelte';
import { afterEach, beforeEach } from 'vitest';
import Window from '../../src/app/Window.svelte';
import type { Commands, Event } from '../../src/ipc/generated/api';
import { counts, MemoryEngine, source, type MemoryOptions } from './memory';

/** Opens the whole window on an engine in memory. */
export function open(options: MemoryOptions = {}): MemoryEngine {
  const engine = new MemoryEngine(options);
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
      if (command === 'plugin:dialog|open') {
        const { options } = args as { options: { directory?: boolean } };
        return options.directory ? '/home/carla/out' : ['/home/carla/archive-2001.pst'];
      }
      if (command === 'plugin:dialog|save') return '/home/carla/out.xls';
      return undefined;
    },
    { shouldMockEvents: true },
  );
  engine.emit = (event: Event) => void emit('mailscope', event);
  render(Window);
  return engine;
}

/** A library with mail. */
export const full = (): MemoryOptions => ({ items: 1_000, sources: [source({ counts: counts(1_000) })] });
/** A request without the zone that all queries are asked from. */
function anywhere(request: unknown): object {
  const rest = { ...(request as { zone?: string }) };
  delete rest.zone;
  return rest;
}
/** What was asked of a command. */
export const asked = (engine: MemoryEngine, name: string) =>
  engine.asked.filter((one) => one.name === name).map(({ request }) => anywhere(request));
/** What the lists asked; what is merely counted asks for a single row. */
export const searched = (engine: MemoryEngine) =>
  engine.asked
    .filter(({ name, request }) => name === 'search' && (request as { limit: number }).limit > 1)
    .map(({ request }) => anywhere(request));
/** Presses a key where the focus is. */
export const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });

/** Each test has a window of its own. */
export function closeAfterEach(): void {
  beforeEach(() => {
    sessionStorage.clear();
    localStorage.clear();
  });
  afterEach(() => {
    cleanup();
    clearMocks();
  });
}
