import { FoveaError, toFoveaError } from '../errors.ts';
import type { Degradations } from '../dependencies/degradations.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { Check, DeepHealth, Readiness } from '../protocol/health.ts';

export interface HealthOptions {
  readonly registry: ModelRegistry;
  readonly degradations: Degradations;
  /** Work on images that waits and runs, and how much may wait. */
  readonly queue: () => {
    readonly waiting: number;
    readonly limit: number;
    readonly running: number;
  };
  /** Each is tried for real; it must reject when the dependency does not do its work. */
  readonly probes: Readonly<Record<'inference' | 'database' | 'storage', Probe>> & {
    readonly redis?: Probe | undefined;
  };
}

type Probe = (signal: AbortSignal) => Promise<void>;

/** The dependency behind each check. */
const dependencyOf = {
  inference: 'model',
  database: 'database',
  storage: 'blobs',
  redis: 'redis',
} as const;
const probeTimeoutMs = 3_000;
const deepCacheMs = 5_000;

/** Three questions: is the process alive, would a request succeed now, does every dependency really work. */
export class Health {
  readonly #options: HealthOptions;
  #draining = false;
  #deep: { readonly at: number; readonly result: Promise<DeepHealth> } | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** From now on the server is not ready, so that balancers stop sending. */
  drain(): void {
    this.#draining = true;
  }

  ready(): Readiness {
    const models = this.#options.registry.list();
    const reasons = models
      .filter(({ active, load, state }) => active && load !== 'lazy' && state !== 'ready')
      .map(
        ({ name, state, reason }) =>
          `model ${name} ${state === 'failed' ? state : `is ${state}`}${reason ? `: ${reason}` : ''}`,
      );
    if (this.#draining) reasons.unshift('the server is about to stop');
    if (models.length === 0) reasons.push('no model is known');
    return {
      live: true,
      ready: reasons.length === 0,
      reasons,
      degraded: this.degraded(),
      models: models.map(({ name, state, load, reason, error }) => ({
        name,
        state,
        load,
        ...(reason ? { reason } : {}),
        ...(error ? { code: error.code } : {}),
      })),
    };
  }

  /** What is lost without stopping the service. */
  degraded(): string[] {
    return this.#options.degradations.now();
  }

  /** Kept for a few seconds, and tried once for everybody who asks meanwhile. */
  async deep(): Promise<DeepHealth> {
    const now = Date.now();
    if (!this.#deep || now - this.#deep.at > deepCacheMs)
      this.#deep = { at: now, result: this.#tryAll() };
    return await this.#deep.result;
  }

  async #tryAll(): Promise<DeepHealth> {
    const { inference, database, storage, redis } = this.#options.probes;
    // Before the probe of inference is in it.
    const queue = this.#options.queue();
    const [first, second, third, fourth] = await Promise.all([
      this.#tryDependency('inference', inference),
      this.#tryDependency('database', database),
      this.#tryDependency('storage', storage),
      redis && this.#tryDependency('redis', redis),
    ]);
    const checks = { inference: first, database: second, storage: third };
    return {
      ok: [first, second, third, fourth].every((check) => check?.ok !== false),
      checked_at: new Date().toISOString(),
      checks: fourth === undefined ? checks : { ...checks, redis: fourth },
      queue: { ...queue, full: queue.waiting >= queue.limit },
      breakers: Object.fromEntries(
        [...this.#options.degradations.states()].map(([name, { state }]) => [name, state]),
      ),
    };
  }

  async #tryDependency(name: keyof typeof dependencyOf, probe: Probe): Promise<Check> {
    const check = await tryOne(probe);
    const breaker = this.#options.degradations.state(dependencyOf[name])?.state;
    return breaker === undefined ? check : { ...check, breaker };
  }
}

async function tryOne(probe: (signal: AbortSignal) => Promise<void>): Promise<Check> {
  const started = performance.now();
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new FoveaError('DEADLINE_EXCEEDED', `no answer within ${probeTimeoutMs} ms`)),
      { once: true },
    );
  });
  const reason = await Promise.race([probe(signal), late]).then(
    () => undefined,
    (error: unknown) => toFoveaError(error).message,
  );
  const ms = Math.round((performance.now() - started) * 100) / 100;
  return reason === undefined ? { ok: true, ms } : { ok: false, ms, reason };
}
