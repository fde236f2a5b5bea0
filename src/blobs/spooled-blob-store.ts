import { setTimeout as sleep } from 'node:timers/promises';
import { Breaker } from '../dependencies/breaker.ts';
import {
  DependencyUnavailable,
  type BreakerState,
  type DependencyState,
} from '../dependencies/dependency.ts';
import { FoveaError } from '../errors.ts';
import { checkBlobKey, type BlobStore } from './blob-store.ts';
import { Spool, type SpooledChange } from './spool.ts';

export interface SpooledOptions {
  /** The store on another machine; each of its operations has a deadline of its own. */
  readonly remote: BlobStore;
  readonly directory: string;
  /** Most bytes that wait on the disk. */
  readonly maxBytes: number;
  readonly onChange?: (state: BreakerState, reason: string | undefined) => void;
  /** An operation went on without the store. */
  readonly onFallback?: () => void;
}

const senders = 4;
const retryPauseMs = 250;
const closeTimeoutMs = 2_000;

/**
 * A store on another machine that may be away. While it works, it is asked directly. What it does
 * not take, new blobs and deletions alike, is kept on the local disk, read from there, and told to it when it is back. What only
 * it has cannot be read meanwhile: `STORAGE_UNAVAILABLE`.
 */
export class SpooledBlobStore implements BlobStore {
  readonly #options: SpooledOptions;
  readonly #spool: Spool;
  readonly #breaker: Breaker;
  readonly #busy = new Set<string>();
  readonly #sending = new Set<Promise<void>>();
  #closed = false;

  private constructor(options: SpooledOptions, spool: Spool) {
    this.#options = options;
    this.#spool = spool;
    this.#breaker = new Breaker({
      dependency: 'blobs',
      isFailure: (error) => error instanceof FoveaError && error.code === 'STORAGE_UNAVAILABLE',
      probe: async () => await options.remote.probe(),
      onChange: (state, reason) => {
        options.onChange?.(state, reason);
        if (state === 'closed') this.#send();
      },
    });
  }

  /** Begins to send what an earlier run left. */
  static async open(options: SpooledOptions): Promise<SpooledBlobStore> {
    const store = new SpooledBlobStore(
      options,
      await Spool.open(options.directory, options.maxBytes),
    );
    store.#send();
    return store;
  }

  get state(): DependencyState {
    return this.#breaker.snapshot;
  }

  /** What the store has yet to be told. */
  get waiting(): { readonly changes: number; readonly bytes: number } {
    return this.#spool.stats;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#change('put', key, bytes);
  }

  async delete(key: string): Promise<void> {
    await this.#change('delete', key, new Uint8Array());
  }

  async has(key: string): Promise<boolean> {
    const change = this.#spool.find(key);
    if (change !== undefined) return change.kind === 'put';
    return await this.#ask(async (remote) => await remote.has(key));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const change = this.#spool.find(key);
    if (change?.kind === 'delete') return undefined;
    const bytes = change && (await this.#spool.read(change));
    return bytes ?? (await this.#ask(async (remote) => await remote.get(key)));
  }

  /** Asks the store itself, whatever the breaker thinks. */
  async probe(): Promise<void> {
    await this.#options.remote.probe();
  }

  /** Stops sending; what waits is on the disk. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#breaker.close();
    await Promise.race([
      Promise.all(this.#sending),
      sleep(closeTimeoutMs, undefined, { ref: false }),
    ]);
  }

  /** To the store; to the disk when it does not take it, or when something about the key waits there already. */
  async #change(kind: SpooledChange['kind'], key: string, bytes: Uint8Array): Promise<void> {
    checkBlobKey(key);
    if (this.#spool.find(key) === undefined && !this.#busy.has(key)) {
      try {
        await this.#breaker.run(async () => await this.#tell(kind, key, bytes));
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#options.onFallback?.();
      }
    }
    await this.#spool.add(kind, key, bytes);
    this.#send();
  }

  async #tell(kind: SpooledChange['kind'], key: string, bytes: Uint8Array): Promise<void> {
    const { remote } = this.#options;
    await (kind === 'put' ? remote.put(key, bytes) : remote.delete(key));
  }

  async #ask<T>(question: (remote: BlobStore) => Promise<T>): Promise<T> {
    try {
      return await this.#breaker.run(async () => await question(this.#options.remote));
    } catch (error) {
      if (isAway(error)) this.#options.onFallback?.();
      throw error instanceof DependencyUnavailable ? awayError(error) : error;
    }
  }

  /** Starts senders for what waits, as long as the store works. Each key is with one sender at a time. */
  #send(): void {
    while (!this.#closed && this.#breaker.state === 'closed' && this.#sending.size < senders) {
      const change = this.#spool.oldest(({ key }) => !this.#busy.has(key));
      if (change === undefined) return;
      this.#busy.add(change.key);
      const sending: Promise<void> = this.#sendOne(change)
        // It stays in the spool. Others go first, should it be this one that the store does not take.
        .catch(async () => await sleep(retryPauseMs, undefined, { ref: false }))
        .finally(() => {
          this.#busy.delete(change.key);
          this.#sending.delete(sending);
          this.#send();
        });
      this.#sending.add(sending);
    }
  }

  async #sendOne(change: SpooledChange): Promise<void> {
    const bytes = change.kind === 'put' ? await this.#spool.read(change) : new Uint8Array();
    if (bytes !== undefined)
      await this.#breaker.run(async () => await this.#tell(change.kind, change.key, bytes));
    await this.#spool.done(change);
  }
}

function isAway(error: unknown): boolean {
  return (
    error instanceof DependencyUnavailable ||
    (error instanceof FoveaError && error.code === 'STORAGE_UNAVAILABLE')
  );
}

function awayError(error: DependencyUnavailable): FoveaError {
  return new FoveaError(
    'STORAGE_UNAVAILABLE',
    'The image store does not answer now; new images are kept, older ones cannot be read until it returns.',
    { retry_after_seconds: error.retryAfterSeconds },
    error,
  );
}
