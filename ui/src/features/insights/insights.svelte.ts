import type {
  ApiError,
  Insights,
  InsightsRequest,
  People,
  PeopleRequest,
  RepliesRequest,
  ReplyTimes,
  SearchRequest,
} from '../../ipc/generated/api';
import { Latest } from '../../shared/lib/latest';
import { dates, withoutDates } from '../../shared/lib/query';

/** What the charts are about. */
export type Question = Pick<SearchRequest, 'query' | 'source' | 'folder' | 'as_you_type'>;

/** The charts' share of the engine. */
export interface Engine {
  insights(request: InsightsRequest): Promise<Insights>;
  people(request: PeopleRequest): Promise<People>;
  replies(request: RepliesRequest): Promise<ReplyTimes>;
}

const TOP = 20;
const PEOPLE = 200;
const SLOW_MS = 200;

/** The answer to one question, in charts. The last good one stays until the next is there. */
export class Charts {
  shown = $state.raw<Insights | null>(null);
  /** The time that the timeline spans: where the query has dates, that of the query without them. */
  span = $state.raw<Insights | null>(null);
  people = $state.raw<People | null>(null);
  replies = $state.raw<ReplyTimes | null>(null);
  /** By whose clock hours are told. */
  clock = $state<'reader' | 'sender'>('reader');
  /** The question that `shown` answers. */
  question = $state.raw<Question | null>(null);
  error = $state.raw<ApiError | null>(null);
  slow = $state(false);
  readonly #latest = new Latest();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async ask(question: Question): Promise<void> {
    const slow = setTimeout(() => (this.slow = true), SLOW_MS);
    const dated = dates(question.query) !== null;
    const outcome = await this.#latest.run(async () => {
      const shown = await this.#engine.insights({ ...question, top: TOP });
      const around = { ...question, query: withoutDates(question.query), top: 1 };
      const [span, people, replies] = await Promise.all([
        dated ? this.#engine.insights(around) : shown,
        this.#engine.people({ ...question, limit: PEOPLE }),
        this.#engine.replies({ ...question, top: TOP }),
      ]);
      return { shown, span, people, replies };
    });
    clearTimeout(slow);
    if (outcome.state === 'stale') return;
    this.slow = false;
    if (outcome.state === 'failed') {
      this.error = outcome.error as ApiError;
      return;
    }
    this.error = null;
    this.question = question;
    this.shown = outcome.value.shown;
    this.span = outcome.value.span;
    this.people = outcome.value.people;
    this.replies = outcome.value.replies;
  }
}
