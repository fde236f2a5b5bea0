import type { ModelCacheLimits, ServedModel } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import { readSteps } from './serving-steps.ts';
import { Session } from './session.ts';
import { SteppedSession, type RunnableModel } from './stepped-session.ts';

interface Loaded {
  readonly session: Promise<RunnableModel>;
  bytes: number;
  /** Runs that hold it now. */
  users: number;
  /** Out of the cache: its session goes when the last user has left. */
  evicted: boolean;
}

/** A session that stays open until `release` is called. */
export interface HeldSession {
  readonly session: RunnableModel;
  /** 0 when it was open already. */
  readonly loadMs: number;
  readonly release: () => void;
}

/**
 * Open sessions by key, least recently used out first, bounded by number and by bytes: the growth
 * of resident memory while loading, at least the size of the file. A model is opened once, however
 * many ask at the same time, and never closed under a run.
 */
export class LoadedModels {
  readonly #models = new Map<string, Loaded>();

  get size(): number {
    return this.#models.size;
  }

  /** @throws FoveaError MODEL_UNAVAILABLE when the file cannot be opened. */
  async hold(model: ServedModel, limits: ModelCacheLimits): Promise<HeldSession> {
    const started = performance.now();
    const known = this.#models.get(model.key);
    const loaded = known ?? this.#open(model);
    // Last in the order of the map: used last.
    this.#models.delete(model.key);
    this.#models.set(model.key, loaded);
    loaded.users += 1;
    try {
      const session = await loaded.session;
      if (!known) this.#shrink(limits, loaded);
      const loadMs = known ? 0 : performance.now() - started;
      return { session, loadMs, release: () => this.#leave(loaded) };
    } catch (error) {
      if (this.#models.get(model.key) === loaded) this.#models.delete(model.key);
      throw error;
    }
  }

  /** Closes the model when its last run is over. `false` when it is not loaded. */
  drop(key: string): boolean {
    const loaded = this.#models.get(key);
    if (loaded) this.#evict(key, loaded);
    return loaded !== undefined;
  }

  #open(model: ServedModel): Loaded {
    const before = process.memoryUsage.rss();
    const loaded: Loaded = {
      session: opened(model).catch((error: unknown) => {
        throw new FoveaError(
          'MODEL_UNAVAILABLE',
          'The file of this model version cannot be opened; upload it as a new version, or restore the data directory.',
          { key: model.key },
          error,
        );
      }),
      bytes: 0,
      users: 0,
      evicted: false,
    };
    void loaded.session.then(
      () => (loaded.bytes = Math.max(0, process.memoryUsage.rss() - before)),
      () => undefined,
    );
    return loaded;
  }

  #shrink(limits: ModelCacheLimits, newest: Loaded): void {
    for (const [key, loaded] of this.#models) {
      const bytes = [...this.#models.values()].reduce((sum, each) => sum + each.bytes, 0);
      if (this.#models.size <= limits.models && bytes <= limits.bytes) return;
      if (loaded !== newest) this.#evict(key, loaded);
    }
  }

  #evict(key: string, loaded: Loaded): void {
    this.#models.delete(key);
    loaded.evicted = true;
    if (loaded.users === 0) void close(loaded);
  }

  #leave(loaded: Loaded): void {
    loaded.users -= 1;
    if (loaded.evicted && loaded.users === 0) void close(loaded);
  }
}

async function opened({ path, stepsPath }: ServedModel): Promise<RunnableModel> {
  const steps = stepsPath === undefined ? undefined : await readSteps(stepsPath);
  const session = await Session.open(path);
  return steps ? new SteppedSession(session, steps) : session;
}

async function close({ session }: Loaded): Promise<void> {
  await session.then((open) => open.release()).catch(() => undefined);
}
