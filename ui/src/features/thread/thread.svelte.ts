import type {
  ApiError,
  Conversation,
  ConversationRequest,
  ItemId,
  SearchRequest,
} from '../../ipc/generated/api';
import { Latest } from '../../shared/lib/latest';
import { lines } from './lines';

/** What is searched for: the messages that answer it are told from the others. */
export type About = Pick<SearchRequest, 'query' | 'source' | 'folder' | 'as_you_type'>;

const SKELETON_MS = 150;

/** The conversation that is shown. */
export class Thread {
  /** Any of its items; null while none is shown. */
  id = $state<ItemId | null>(null);
  found = $state.raw<Conversation | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Whether it takes long enough to say so. */
  slow = $state(false);
  readonly lines = $derived(this.found === null ? [] : lines(this.found));
  #about: About = { query: '', as_you_type: false };
  readonly #latest = new Latest();
  readonly #load: (request: ConversationRequest) => Promise<Conversation>;

  constructor(load: (request: ConversationRequest) => Promise<Conversation>) {
    this.#load = load;
  }

  /** Whether an item is among those shown. */
  holds(id: ItemId): boolean {
    return this.found?.messages.some(({ hit, copies }) => hit.id === id || copies.includes(id)) ?? false;
  }

  /** Shows the conversation of an item. */
  async open(id: ItemId, about: About): Promise<void> {
    this.id = id;
    this.#about = about;
    await this.again();
  }

  /** Asks once more, as after a commit. */
  async again(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const { query, source, folder, as_you_type } = this.#about;
    const request: ConversationRequest = { id };
    if (query.trim() !== '' || source !== undefined) {
      Object.assign(request, { query, as_you_type });
      if (source !== undefined) request.source = source;
      if (folder !== undefined) request.folder = folder;
    }
    const timer = setTimeout(() => (this.slow = true), SKELETON_MS);
    const outcome = await this.#latest.run(() => this.#load(request));
    clearTimeout(timer);
    if (outcome.state === 'stale') return;
    this.slow = false;
    if (outcome.state === 'failed') {
      this.error = outcome.error as ApiError;
      this.found = null;
    } else {
      this.error = null;
      this.found = outcome.value;
    }
  }

  close(): void {
    this.#latest.abandon();
    this.id = null;
    this.found = null;
    this.error = null;
    this.slow = false;
  }
}
