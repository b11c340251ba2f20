import type { TagColour, TagCount } from '../../ipc/generated/api';

/** The colours that a tag can have, in the order in which they are offered. */
export const COLOURS: readonly TagColour[] = [
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
];

/** The colours of tags, wherever a tag is shown. */
class TagColours {
  #known = $state.raw<ReadonlyMap<string, TagColour>>(new Map());

  /** Takes what the library says of its tags. */
  take(tags: TagCount[]): void {
    const coloured = tags.flatMap(({ name, colour }): [string, TagColour][] =>
      colour === undefined ? [] : [[name.toLowerCase(), colour]],
    );
    this.#known = new Map(coloured);
  }

  of(name: string): TagColour | undefined {
    return this.#known.get(name.toLowerCase());
  }
}

export const tagColours = new TagColours();
