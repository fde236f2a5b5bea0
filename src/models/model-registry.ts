import type { Engine } from '../engine/engine.ts';
import { FoveaError, toFoveaError, type ErrorCode } from '../errors.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { ModelManifest, ModelTask } from '../protocol/model-manifest.ts';
import { isLazy, newEntry, statusOf, type ModelEntry } from './model-entry.ts';
import { bytesOf, modelDigest, type ModelStore } from './model-store.ts';
import { UseCounter } from './use-counter.ts';

export interface RegistryOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly catalog: readonly ModelManifest[];
  /** A manifest in the models folder that cannot be used. */
  readonly onBroken: (place: string, reason: string) => void;
  /** The pack whose models are loaded; those of others only lie there. */
  readonly activePack?: string | undefined;
  /** @throws FoveaError LICENCE_NOT_ACCEPTED when the model's terms are to be accepted first. */
  readonly mayUse?: (manifest: ModelManifest) => Promise<void>;
  /** Memory of a worker for models that load on first use, beside what their files need. */
  readonly workerMemory?: number;
  /** After so long without use, what loads on first use leaves the memory; 0 or nothing: never. */
  readonly idleMs?: number;
}

/** What a worker needs for a model, in sizes of its files: the graph, its optimised copy, and what it computes. */
const memoryPerByte = 3;
/** How long a model that failed on use is left alone. */
const retryAfterMs = 10_000;
/** A progress is told at most this often, in milliseconds. */
const tellEveryMs = 250;

/** Every model this server knows, from the catalog and from the models folder, and how it stands. */
export class ModelRegistry {
  readonly #options: RegistryOptions;
  readonly #entries = new Map<string, ModelEntry>();
  readonly #listeners = new Set<() => void>();
  readonly #uses: UseCounter;
  readonly #stop = new AbortController();
  #toldAt = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#uses = new UseCounter(options.idleMs ?? 0, (group) => this.#unload(group));
    for (const manifest of options.catalog) this.add(manifest);
  }

  /** Adds the models that lie in the models folder. Of one name, the catalog's goes first, then the newest version. */
  async discover(): Promise<void> {
    const found = await this.#options.store.list(this.#options.onBroken);
    for (const manifest of found.toReversed()) this.add(manifest);
    this.changed();
  }

  /** Makes a model known. One of the same name that is known already stays. */
  add(manifest: ModelManifest): void {
    if (this.#entries.has(manifest.name)) return;
    const { activePack } = this.#options;
    const active =
      manifest.pack === undefined || manifest.pack === activePack || manifest.load === 'lazy';
    this.#entries.set(manifest.name, newEntry(manifest, active));
  }

  /** Changes whenever a model joins or is replaced: part of the key of every cached result. */
  get key(): string {
    return [...this.#entries.values()]
      .map(({ manifest, digest }) => `${manifest.name}@${manifest.version}:${digest.slice(0, 16)}`)
      .join(',');
  }

  list(): ModelStatus[] {
    return [...this.#entries.values()].map((entry) => this.#status(entry));
  }

  /** Whether every model failed that answers when none is named, or there is none. */
  lost(task: ModelTask): boolean {
    return this.list().every(
      ({ active, load, ...model }) =>
        model.task !== task || !active || load === 'lazy' || model.state === 'failed',
    );
  }

  /** @throws FoveaError MODEL_NOT_FOUND. */
  status(name: string): ModelStatus {
    return this.#status(this.#entry(name));
  }

  /** @throws FoveaError MODEL_NOT_FOUND. */
  manifestOf(name: string): ModelManifest {
    return this.#entry(name).manifest;
  }

  /**
   * Brings the model's files and, unless it waits for its first use, starts loading it. Failure is kept as the
   * model's state. Whoever asks meanwhile joins.
   * @param thorough hash the files that are there
   */
  async prepare(name: string, thorough = false): Promise<void> {
    const entry = this.#entry(name);
    entry.preparing ??= this.#bring(entry, thorough).finally(() => {
      entry.preparing = undefined;
    });
    await entry.preparing;
    const { aborted: stopped } = this.#stop.signal;
    if (entry.files === 'present' && entry.active && !isLazy(entry) && !stopped) this.#load(entry);
    this.changed();
  }

  /** Whether the model is there from the start: it is in use, and not only on demand. @throws FoveaError MODEL_NOT_FOUND. */
  isResident(name: string): boolean {
    const entry = this.#entry(name);
    return entry.active && !isLazy(entry);
  }

  /** Finds out whether the files of a model are here, and brings none. */
  async look(name: string): Promise<void> {
    const entry = this.#entry(name);
    if (entry.loaded || entry.preparing) return;
    const whole = await this.#options.store.isWhole(entry.manifest);
    if (entry.loaded || entry.preparing) return;
    [entry.files, entry.share] = whole ? ['present', 1] : ['absent', 0];
    this.changed();
  }

  /**
   * Does `work` with a model that loads on first use: its files are brought, it is loaded, and it stays while any work
   * is under way. Callers at the same time share one load.
   * @throws FoveaError MODEL_UNAVAILABLE with the cause's code in `details.cause`, or what `work` throws.
   */
  async use<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const entry = this.#entry(name);
    const release = this.#uses.hold(entry.manifest.group);
    try {
      await this.#makeReady(entry, signal);
      return await work();
    } finally {
      release();
    }
  }

  /** Looks at what failed to load byte by byte, and brings it anew when it was damaged. */
  async heal(): Promise<void> {
    const failed = [...this.#entries.values()].filter(
      (entry) => entry.loaded && this.#status(entry).state === 'failed',
    );
    await Promise.all(failed.map(async (entry) => this.#healOne(entry)));
  }

  /** Resolves when no model is on its way any more: each is ready, failed, or not asked for. Rejects with `signal`, or when closed. */
  async settled(signal: AbortSignal): Promise<void> {
    const moving = (): boolean =>
      this.list().some(({ state }) => state === 'fetching' || state === 'loading');
    const over = AbortSignal.any([signal, this.#stop.signal]);
    while (moving()) await this.#nextChange(over);
  }

  /** To be called when the engine reports a change; listeners look again. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after every change; returns the way to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops what is being brought; its parts stay and are gone on with. */
  close(): void {
    this.#stop.abort();
    this.#uses.close();
  }

  async #bring(entry: ModelEntry, thorough: boolean): Promise<void> {
    try {
      await this.#options.mayUse?.(entry.manifest);
      entry.files = 'fetching';
      entry.error = undefined;
      entry.retryAt = undefined;
      this.changed();
      const complete = await this.#options.store.ensure(entry.manifest, {
        thorough,
        signal: this.#stop.signal,
        onProgress: ({ share, transfer }) => {
          entry.share = share;
          entry.transfer = transfer;
          const now = performance.now();
          if (transfer) entry.rate.note(transfer.done, now);
          if (now - this.#toldAt < tellEveryMs) return;
          this.#toldAt = now;
          this.changed();
        },
      });
      entry.manifest = complete;
      entry.digest = modelDigest(complete);
      entry.share = 1;
      entry.files = 'present';
    } catch (error) {
      entry.files = 'failed';
      entry.error = toFoveaError(error);
    }
  }

  async #makeReady(entry: ModelEntry, signal: AbortSignal): Promise<void> {
    const { name } = entry.manifest;
    try {
      if (isLazy(entry)) await this.#bringIntoMemory(entry, signal);
      else await this.#loaded(entry, signal);
    } catch (error) {
      throw signal.aborted && !(error instanceof FoveaError)
        ? tooEarly(name, this.#status(entry), signal)
        : error;
    }
  }

  /** A model that is there from the start is waited for, and not brought again by whoever needs it. */
  async #loaded(entry: ModelEntry, signal: AbortSignal): Promise<void> {
    const { name } = entry.manifest;
    const moving = (): boolean => ['fetching', 'loading'].includes(this.#status(entry).state);
    while (moving() || (entry.preparing && !entry.loaded)) await this.#nextChange(signal);
    const { state, error } = this.#status(entry);
    if (state !== 'ready') throw unavailable(name, error && asError(error));
  }

  async #bringIntoMemory(entry: ModelEntry, signal: AbortSignal): Promise<void> {
    const { name } = entry.manifest;
    if (entry.retryAt !== undefined && performance.now() < entry.retryAt)
      throw unavailable(name, entry.error);
    for (let healed = false; ;) {
      if (!entry.loaded) {
        if (entry.files !== 'present') await orAborted(this.prepare(name), signal);
        if (entry.files !== 'present') throw this.#notNow(entry, entry.error);
        this.#load(entry);
      }
      while (this.#status(entry).state === 'loading') await this.#nextChange(signal);
      const { state, error } = this.#status(entry);
      if (state === 'ready') return;
      if (state !== 'failed') continue; // unloaded meanwhile
      // Damaged files are brought anew, once.
      if (!healed && (await this.#healOne(entry))) {
        healed = true;
        continue;
      }
      this.#unload(entry.manifest.group);
      throw this.#notNow(entry, error && asError(error));
    }
  }

  /** Whoever asks within the next seconds hears the same, and nothing is tried for it. */
  #notNow(entry: ModelEntry, cause: FoveaError | undefined): FoveaError {
    entry.error = cause;
    entry.files = 'failed';
    entry.retryAt = performance.now() + retryAfterMs;
    this.changed();
    return unavailable(entry.manifest.name, cause);
  }

  /** Whether the files were damaged and are whole again. */
  async #healOne(entry: ModelEntry): Promise<boolean> {
    if (await this.#options.store.isWhole(entry.manifest, true)) return false;
    entry.loaded = false;
    await this.prepare(entry.manifest.name, true);
    return entry.files === 'present';
  }

  #load(entry: ModelEntry): void {
    if (entry.loaded) return;
    entry.loaded = true;
    const { manifest, digest } = entry;
    const { workerMemory = 0, engine, store } = this.#options;
    const alone = isLazy(entry)
      ? { workers: 1, workerMemory: workerMemory + memoryPerByte * bytesOf(manifest.files) }
      : undefined;
    engine.load(
      {
        rank: [...this.#entries.keys()].indexOf(manifest.name),
        manifest,
        digest,
        directory: store.directoryOf(manifest),
      },
      alone,
    );
    this.changed();
  }

  /** Ends the group's process: its memory goes back to the system, whatever the runtime kept. */
  #unload(group: string): void {
    const members = [...this.#entries.values()].filter(({ manifest }) => manifest.group === group);
    // Somebody came in the same moment, or a model of the group is there to stay.
    if (members.some((entry) => !isLazy(entry)) || this.#uses.users(group) > 1) return;
    for (const entry of members) entry.loaded = false;
    this.#options.engine.end(group);
    this.changed();
  }

  #entry(name: string): ModelEntry {
    const entry = this.#entries.get(name);
    if (entry) return entry;
    const known = [...this.#entries.keys()].join(', ');
    throw new FoveaError(
      'MODEL_NOT_FOUND',
      `There is no model ${JSON.stringify(name)}; there are: ${known}.`,
    );
  }

  #status(entry: ModelEntry): ModelStatus {
    const { group, name } = entry.manifest;
    return statusOf(entry, entry.loaded ? this.#options.engine.modelState(group, name) : undefined);
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.onChange(resolve);
    await orAborted(promise, signal).finally(stop);
  }
}

function asError({ code, message }: NonNullable<ModelStatus['error']>): FoveaError {
  return new FoveaError(code as ErrorCode, message);
}

/** The caller left, or its time was over before the model was there. */
function tooEarly(name: string, status: ModelStatus, signal: AbortSignal): FoveaError {
  const timedOut = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  if (!timedOut)
    return new FoveaError(
      'REQUEST_CANCELLED',
      'The request was cancelled before its model was there.',
    );
  const percent = Math.floor(status.progress * 100);
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `The model ${name} is on its way: ${status.state}, ${percent} % of its files are here; GET /api/v1/setup shows how it goes.`,
    { model: name, state: status.state, progress: status.progress, retry_after_seconds: 10 },
  );
}

function unavailable(name: string, cause: FoveaError | undefined): FoveaError {
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `The model ${name} cannot be used: ${cause?.message ?? 'its files are not there.'}`,
    { model: name, ...(cause ? { cause: cause.code } : {}), retry_after_seconds: 10 },
    cause,
  );
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
