import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Kysely, type Transaction } from 'kysely';
import { FoveaError } from '../errors.ts';
import {
  failureReason,
  isConnectionFailure,
  isOutOfRoom,
  isUnstorableText,
} from './connection-errors.ts';
import type { ConnectionTarget, DatabaseSource } from './database-source.ts';
import { migrate } from './migrate.ts';
import { openPool, type PoolLimits } from './pool.ts';
import type { Executor, Tables } from './tables.ts';

/** `reason` is for the operator: it may name hosts and folders, never a password. */
export type DatabaseState =
  | { readonly status: 'starting' }
  | { readonly status: 'up' }
  | { readonly status: 'down'; readonly reason: string };

export interface DatabaseOptions extends Partial<PoolLimits> {
  readonly source: DatabaseSource;
  /** Called at each change of state. */
  readonly onChange?: (state: DatabaseState) => void;
}

const defaults: PoolLimits = {
  connections: 10,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 30_000,
};
/** One short-lived connection that finds out whether the server answers. */
const probeLimits: PoolLimits = {
  connections: 1,
  connectTimeoutMs: 2_000,
  statementTimeoutMs: 2_000,
};
/** A statement that takes longer gives reason to look whether the server still answers others. */
const SUSPECT_AFTER_MS = 2_000;
/** A migration may rewrite a big table, or wait for another server that does. */
const migrationLimits: PoolLimits = {
  connections: 1,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 600_000,
};

/** Delay before the next attempt to connect: 100 ms, doubled each time, at most 10 s. */
const backOff = (attempt: number) => Math.min(100 * 2 ** attempt, 10_000);
/** A database that was up for less counts as failing still, so that a crash loop is slowed down. */
const STABLE_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;
const ABANDON_TIMEOUT_MS = 500;

/**
 * The database, embedded or external alike.
 *
 *     starting --migrated--> up --lost--> down --answers--> up
 *         `------fails-----> down (tries again, with a back-off, until closed)
 *
 * `start` connects in the background. While it is not up every query is refused at once with
 * `DATABASE_UNAVAILABLE` and `details.retry_after_seconds`; those under way when it is lost fail then.
 */
export class Database {
  readonly #source: DatabaseSource;
  readonly #limits: PoolLimits;
  readonly #onChange: (state: DatabaseState) => void;
  readonly #closing = new AbortController();
  #state: DatabaseState = { status: 'starting' };
  #waiting: (() => void)[] = [];
  #kysely: Kysely<Tables> | undefined;
  #drop = new AbortController();
  #migrated = false;
  #trying = false;
  #trials = 0;
  #connecting: Promise<void> | undefined;
  #verifying: Promise<void> | undefined;
  #attempt = 0;
  #retryAt = 0;
  #upSince = 0;

  constructor({ source, onChange, ...limits }: DatabaseOptions) {
    this.#source = source;
    this.#limits = { ...defaults, ...limits };
    this.#onChange = onChange ?? (() => {});
    source.onLost((reason) => this.#lost(reason));
  }

  get state(): DatabaseState {
    return this.#state;
  }

  /** Attempts to connect so far, and whether one is under way. */
  get trials(): { readonly count: number; readonly now: boolean } {
    return { count: this.#trials, now: this.#trying };
  }

  /** Begins to connect, in the background. Idempotent. */
  start(): void {
    if (this.#closing.signal.aborted || this.#state.status === 'up') return;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
  }

  /** Resolves when the database is up; throws `DATABASE_UNAVAILABLE` with the reason after `timeoutMs`. */
  async ready(timeoutMs: number): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal]);
    while (this.#state.status !== 'up') {
      if (signal.aborted) throw this.#unavailable(this.#explain(timeoutMs));
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      const abort = () => resolve();
      signal.addEventListener('abort', abort, { once: true });
      await promise;
      signal.removeEventListener('abort', abort);
    }
  }

  /** Asks the server one trivial question; throws `DATABASE_UNAVAILABLE`, or the signal's reason. */
  async ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const answer = this.query((db) => sql`select 1`.execute(db));
    await Promise.race([answer, promise]).finally(() => {
      signal.removeEventListener('abort', abort);
      answer.catch(() => {});
    });
  }

  /**
   * Runs `work` with the query builder. A lost connection or a time-out becomes
   * `DATABASE_UNAVAILABLE`; whether the work was done is then unknown. SQL errors stay as they are.
   * With `within`, `work` runs in that transaction instead.
   */
  async query<T>(work: (db: Executor) => Promise<T>, within?: Transaction<Tables>): Promise<T> {
    if (within !== undefined) return work(within);
    return this.#run(work);
  }

  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  async transaction<T>(work: (within: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#run((db) => db.transaction().execute(work));
  }

  /** Gives queries in progress 5 s, closes the connections, then stops an embedded server. */
  async close(): Promise<void> {
    this.#closing.abort();
    // A server that does not answer is not waited for: its attempt ends with its own time-out.
    const attempts = Promise.all([this.#connecting, this.#verifying]);
    await Promise.race([attempts, sleep(ABANDON_TIMEOUT_MS, undefined, { ref: false })]);
    const closed = this.#kysely?.destroy();
    await Promise.race([closed, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.#kysely = undefined;
    await this.#source.stop();
    this.#change({ status: 'down', reason: 'The server is stopping.' });
  }

  async #run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.#kysely === undefined || this.#state.status !== 'up') throw this.#unavailable();
    const slow = setTimeout(() => this.#suspect(), SUSPECT_AFTER_MS);
    try {
      return await work(this.#kysely);
    } catch (error) {
      if (isUnstorableText(error))
        throw new FoveaError(
          'REQUEST_INVALID',
          'A text holds a NUL character, which cannot be kept; send it without.',
          {},
          error,
        );
      if (!isConnectionFailure(error)) throw error;
      this.#suspect();
      throw this.#unavailable(undefined, error);
    } finally {
      clearTimeout(slow);
    }
  }

  async #connect(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#trials += 1;
        this.#trying = true;
        await this.#open(await this.#source.start(signal));
        this.#upSince = Date.now();
        this.#trying = false;
        this.#change({ status: 'up' });
        return;
      } catch (error) {
        this.#trying = false;
        const delay = backOff(this.#attempt++);
        this.#retryAt = Date.now() + delay;
        this.#change({ status: 'down', reason: `${this.#source.name}: ${failureReason(error)}` });
        await sleep(delay, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #open(target: ConnectionTarget): Promise<void> {
    if (this.#migrated) await probe(target);
    else await using(target, migrationLimits, migrate);
    this.#migrated = true;
    this.#closing.signal.throwIfAborted();
    this.#drop = new AbortController();
    this.#kysely = openPool(target, this.#limits, () => this.#suspect(), this.#drop.signal);
  }

  /** Something failed: finds out, once at a time, whether the server as a whole is gone. */
  #suspect(): void {
    const { signal } = this.#closing;
    if (signal.aborted || this.#state.status !== 'up') return;
    this.#verifying ??= this.#source
      .start(signal)
      .then(probe)
      .catch((error: unknown) => {
        // One that has no room for another connection answers those it has.
        if (!isOutOfRoom(error)) this.#lost(`${this.#source.name}: ${failureReason(error)}`);
      })
      .finally(() => {
        this.#verifying = undefined;
      });
  }

  #lost(reason: string): void {
    if (this.#closing.signal.aborted || this.#state.status !== 'up') return;
    if (Date.now() - this.#upSince > STABLE_MS) this.#attempt = 0;
    this.#change({ status: 'down', reason });
    this.#drop.abort();
    this.#kysely?.destroy().catch(() => {}); // over when its last caller has failed
    this.#kysely = undefined;
    const delay = this.#attempt === 0 ? 0 : backOff(this.#attempt);
    this.#retryAt = Date.now() + delay;
    const again = sleep(delay, undefined, { signal: this.#closing.signal });
    again.then(() => this.start()).catch(() => {}); // closed meanwhile
  }

  #change(state: DatabaseState): void {
    this.#state = state;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    this.#onChange(state);
  }

  #explain(timeoutMs: number): string {
    const reason = this.#state.status === 'down' ? this.#state.reason : 'it is still starting';
    return `The database did not answer within ${timeoutMs / 1000} s: ${reason}`;
  }

  #unavailable(message?: string, cause?: unknown): FoveaError {
    const seconds = Math.max(1, Math.ceil((this.#retryAt - Date.now()) / 1000));
    const text = message ?? `The database does not answer now; try again in ${seconds} s.`;
    return new FoveaError('DATABASE_UNAVAILABLE', text, { retry_after_seconds: seconds }, cause);
  }
}

async function probe(target: ConnectionTarget): Promise<void> {
  await using(target, probeLimits, (db) => sql`select 1`.execute(db));
}

async function using<T>(
  target: ConnectionTarget,
  limits: PoolLimits,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  const db = openPool(target, limits, () => {});
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
