import { timed, type OnOperation } from '../telemetry/timed.ts';
import type { SeenSession, SessionPart, SessionState } from './session-state.ts';
import type {
  NewSession,
  SessionCensus,
  SessionListOptions,
  SessionPage,
  SessionStore,
} from './session-store.ts';

/** Another store, with the time of its operations told. */
export class TimedSessionStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #tell: OnOperation;

  constructor(store: SessionStore, tell: OnOperation) {
    this.#store = store;
    this.#tell = tell;
  }

  async create(session: NewSession): Promise<SeenSession> {
    return await timed('create', this.#tell, () => this.#store.create(session));
  }

  async get(id: string): Promise<SeenSession | undefined> {
    return await timed('get', this.#tell, () => this.#store.get(id));
  }

  async change(id: string, part: SessionPart): Promise<SeenSession | undefined> {
    return await timed('change', this.#tell, () => this.#store.change(id, part));
  }

  async raise(id: string, node: string, count: number): Promise<SeenSession | undefined> {
    return await timed('raise', this.#tell, () => this.#store.raise(id, node, count));
  }

  async list(options: SessionListOptions): Promise<SessionPage> {
    return await timed('list', this.#tell, () => this.#store.list(options));
  }

  async merge(states: readonly SessionState[]): Promise<readonly SeenSession[]> {
    return await timed('merge', this.#tell, () => this.#store.merge(states));
  }

  async expire(): Promise<SessionCensus> {
    return await timed('expire', this.#tell, () => this.#store.expire());
  }

  async keepTicket(key: string, text: string, ttlMs: number): Promise<void> {
    await timed('keep_ticket', this.#tell, () => this.#store.keepTicket(key, text, ttlMs));
  }

  async takeTicket(key: string): Promise<string | undefined> {
    return await timed('take_ticket', this.#tell, () => this.#store.takeTicket(key));
  }
}
