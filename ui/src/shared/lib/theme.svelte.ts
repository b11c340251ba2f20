/** What the person asked for. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'mailscope.theme';
const ORDER: ThemeChoice[] = ['system', 'light', 'dark'];

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Light or dark: the system's choice until the person makes one, which is kept. */
export class Theme {
  choice = $state<ThemeChoice>('system');
  /** Whether the window is dark now. */
  dark = $state(false);
  readonly #system = window.matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    this.choice = stored();
    this.#system.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  /** Goes on to the next choice. */
  cycle(): void {
    this.choose(ORDER[(ORDER.indexOf(this.choice) + 1) % ORDER.length] ?? 'system');
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    if (this.choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, this.choice);
    this.#apply();
  }

  #apply(): void {
    this.dark = this.choice === 'system' ? this.#system.matches : this.choice === 'dark';
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light';
  }
}
