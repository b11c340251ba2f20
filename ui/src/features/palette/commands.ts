/** Something that can be asked of the window by name. */
export interface Command {
  id: string;
  label: string;
  /** What it belongs to, such as "Go to". */
  group: string;
  /** The keys that do the same, as `Shortcuts` shows them. */
  keys?: string[];
  run: () => void;
}

const MOST = 50;

/** How well a command answers what was typed; null for not at all. The lower the better. */
function rank(command: Command, words: string[]): number | null {
  const label = command.label.toLowerCase();
  const all = `${command.group} ${label}`.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = label.indexOf(word);
    if (at === 0) continue;
    if (at > 0) sum += label[at - 1] === ' ' ? 1 : 3;
    else if (all.includes(word)) sum += 4;
    else return null;
  }
  return sum;
}

/** The commands that fit, best first; those that fit as well keep their order. */
export function matching(commands: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .flatMap((command) => {
      const fit = rank(command, words);
      return fit === null ? [] : [{ command, fit }];
    })
    .sort((a, b) => a.fit - b.fit)
    .slice(0, MOST)
    .map(({ command }) => command);
}
