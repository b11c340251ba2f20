import type { Conversation, ConversationMessage, ItemId } from '../../ipc/generated/api';

/** Answers deeper than this are indented no further: the line must keep room for its words. */
export const DEEPEST = 12;

/** A line of a conversation: one of its messages, or one that its messages name and that is not in the library. */
export type Line =
  | { type: 'message'; key: string; depth: number; message: ConversationMessage }
  | { type: 'gap'; key: string; depth: number };

/**
 * The lines of a conversation, answers below what they answer. What answers a message that is not there stands below a line
 * for that message; several that answer the same one share it.
 */
export function lines({ messages }: Conversation): Line[] {
  const below = new Map<ItemId | null, ConversationMessage[]>();
  const known = new Set(messages.map(({ hit }) => hit.id));
  for (const message of messages) {
    const parent = message.parent !== null && known.has(message.parent) ? message.parent : null;
    const others = below.get(parent);
    if (others === undefined) below.set(parent, [message]);
    else others.push(message);
  }
  const out: Line[] = [];
  const walk = (parent: ItemId | null, depth: number) => {
    const told = new Set<number>();
    const siblings = below.get(parent) ?? [];
    for (const message of siblings) {
      const { gap } = message;
      if (gap === undefined) {
        out.push({ type: 'message', key: `m${message.hit.id}`, depth, message });
        walk(message.hit.id, depth + 1);
        continue;
      }
      if (told.has(gap)) continue;
      told.add(gap);
      out.push({ type: 'gap', key: `g${parent ?? ''}-${gap}`, depth });
      for (const other of siblings) {
        if (other.gap !== gap) continue;
        out.push({ type: 'message', key: `m${other.hit.id}`, depth: depth + 1, message: other });
        walk(other.hit.id, depth + 2);
      }
    }
  };
  walk(null, 0);
  return out;
}
