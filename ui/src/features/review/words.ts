import type { Action, Change } from '../../ipc/generated/api';
import { plural } from '../../shared/lib/format';

/** What was done to so many items, in a sentence: `3 items were tagged hot.` */
export function doneWords(change: Change, items: number): string {
  const what = plural(items, 'item');
  const were = items === 1 ? 'was' : 'were';
  switch (change.kind) {
    case 'flag':
      return change.value
        ? `${what} ${were} flagged`
        : `${what} ${items === 1 ? 'has' : 'have'} no flag any more`;
    case 'reviewed':
      return `${what} ${items === 1 ? 'counts' : 'count'} as ${change.value ? '' : 'not '}looked through`;
    case 'tag':
      return `${what} ${were} tagged ${change.value}`;
    case 'untag':
      return `${what} ${were} freed from the tag ${change.value}`;
    case 'note':
      return change.value === ''
        ? `${what} lost ${items === 1 ? 'its note' : 'their notes'}`
        : `${what} got a note`;
  }
}

/** What an entry of the record says was done. */
export function actionWords(action: Action): string {
  const items = plural(action.items, 'item');
  switch (action.what) {
    case 'flag':
      return `flagged ${items}`;
    case 'unflag':
      return `took the flag from ${items}`;
    case 'review':
      return `looked through ${items}`;
    case 'unreview':
      return `marked ${items} as not looked through`;
    case 'tag':
      return `tagged ${items} ${action.value}`;
    case 'untag':
      return `took the tag ${action.value} from ${items}`;
    case 'note':
      return action.value === ''
        ? `took the note from ${items}`
        : `wrote a note on ${items}: ${action.value}`;
    case 'colour': {
      const [colour, ...tag] = action.value.split(' ');
      return colour === 'none'
        ? `took the colour from the tag ${tag.join(' ')}`
        : `made the tag ${tag.join(' ')} ${colour}`;
    }
    case 'save':
      return `saved the search ${action.value}`;
    case 'forget':
      return `deleted the saved search ${action.value}`;
    case 'undo':
      return `took back entry ${action.undoes ?? ''}, on ${items}`;
    default:
      return `${action.what} ${items}`;
  }
}

/** Whether an entry can be taken back: it changed items, and was not taken back already. */
export function undoable(action: Action, all: Action[]): boolean {
  if (action.items === 0 || action.what === 'save' || action.what === 'forget') return false;
  const takenBack = (id: number): boolean => all.some((other) => other.undoes === id && !takenBack(other.id));
  return !takenBack(action.id);
}
