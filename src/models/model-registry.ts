import { FoveaError, toFoveaError } from '../errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { ModelManifest, ModelTask } from '../protocol/model-manifest.ts';
import { modelDigest, type ModelStore } from './model-store.ts';

interface Entry {
  readonly manifest: ModelManifest;
  readonly digest: string;
  files: 'absent' | 'fetching' | 'present' | 'failed';
  loaded: boolean;
  progress: number;
  reason?: string;
}

export interface RegistryOptions {
  readonly store: ModelStore;
  readonly engine: Engine;
  readonly catalog: readonly ModelManifest[];
  /** A manifest in the models folder that cannot be used. */
  readonly onBroken: (place: string, reason: string) => void;
}

/** Every model this server knows, from the catalog and from the models folder, and how it stands. */
export class ModelRegistry {
  readonly #options: RegistryOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    for (const manifest of options.catalog) this.#add(manifest);
  }

  /** Adds the models that lie in the models folder. Of one name, the catalog's goes first, then the newest version. */
  async discover(): Promise<void> {
    const found = await this.#options.store.list(this.#options.onBroken);
    for (const manifest of found.toReversed())
      if (!this.#entries.has(manifest.name)) this.#add(manifest);
    this.changed();
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

  /** Whether every model for the task failed, or there is none. */
  lost(task: ModelTask): boolean {
    return this.list().every((model) => model.task !== task || model.state === 'failed');
  }

  /** @throws FoveaError MODEL_NOT_FOUND. */
  status(name: string): ModelStatus {
    return this.#status(this.#entry(name));
  }

  /** Brings the model's files and, unless it is lazy, starts loading it. Failure is kept as the model's state. */
  async prepare(name: string): Promise<void> {
    const entry = this.#entry(name);
    try {
      entry.files = 'fetching';
      this.changed();
      await this.#options.store.ensure(entry.manifest, (done, total) => {
        entry.progress = done / total;
        this.changed();
      });
      entry.files = 'present';
      delete entry.reason;
    } catch (error) {
      entry.files = 'failed';
      entry.reason = toFoveaError(error).message;
    }
    if (entry.files === 'present' && entry.manifest.load !== 'lazy') this.#load(entry);
    this.changed();
  }

  /** Resolves when no model is on its way any more: each is ready, failed, or not asked for. */
  async settled(signal: AbortSignal): Promise<void> {
    const moving = (): boolean =>
      this.list().some(({ state }) => state === 'fetching' || state === 'loading');
    while (moving()) await this.#nextChange(signal);
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

  #add(manifest: ModelManifest): void {
    this.#entries.set(manifest.name, {
      manifest,
      digest: modelDigest(manifest),
      files: 'absent',
      loaded: false,
      progress: 0,
    });
  }

  #load(entry: Entry): void {
    if (entry.loaded) return;
    entry.loaded = true;
    const { manifest, digest } = entry;
    this.#options.engine.load({
      rank: [...this.#entries.keys()].indexOf(manifest.name),
      manifest,
      digest,
      directory: this.#options.store.directoryOf(manifest),
    });
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry) return entry;
    const known = [...this.#entries.keys()].join(', ');
    throw new FoveaError(
      'MODEL_NOT_FOUND',
      `There is no model ${JSON.stringify(name)}; there are: ${known}.`,
    );
  }

  #status(entry: Entry): ModelStatus {
    const { name, version, task, load, licence, origin, files, group } = entry.manifest;
    const size_bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const fixed = {
      name,
      version,
      task,
      load,
      licence,
      origin,
      digest: entry.digest,
      size_bytes,
      progress: entry.progress,
    };
    if (!entry.loaded)
      return { ...fixed, state: entry.files, ...(entry.reason ? { reason: entry.reason } : {}) };
    const engine = this.#options.engine.modelState(group, name);
    if (engine.state === 'ready') return { ...fixed, state: 'ready', load_ms: engine.loadMs };
    if (engine.state === 'failed') return { ...fixed, state: 'failed', reason: engine.reason };
    return { ...fixed, state: 'loading' };
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = this.onChange(resolve);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    await promise.finally(() => {
      stop();
      signal.removeEventListener('abort', abort);
    });
  }
}
