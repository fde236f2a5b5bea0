/** What the server needs and can do without for a while; the names in `Fovea-Degraded`, metrics and health. */
export type DependencyName = 'redis' | 'database' | 'blobs' | 'hub' | 'model';

/**
 * `open`: it does not do its work and is not asked. `half_open`: one trial finds out whether it does
 * again. `closed`, in the words of electricity: everything flows.
 */
export type BreakerState = 'closed' | 'half_open' | 'open';

/** Told that a dependency is left alone, is tried, or works again. */
export type OnDependency = (
  name: DependencyName,
  state: BreakerState,
  reason: string | undefined,
) => void;

/** What there is to know about one dependency without asking it. */
export interface DependencyState {
  readonly state: BreakerState;
  /** Why it is not closed; for operators: it may name hosts, never a secret. */
  readonly reason?: string | undefined;
  /** How often each state was entered. */
  readonly transitions: Readonly<Record<BreakerState, number>>;
}

/**
 * The dependency was not asked, or did not answer. Whoever catches it goes on without, or says so
 * with a `FoveaError` of its own; it is no answer for a client.
 */
export class DependencyUnavailable extends Error {
  readonly dependency: DependencyName;
  /** Until the next trial. */
  readonly retryAfterSeconds: number;

  constructor(dependency: DependencyName, retryAfterSeconds: number, cause?: unknown) {
    super(`${dependency} does not answer now; the next trial is in ${retryAfterSeconds} s`, {
      cause,
    });
    this.name = 'DependencyUnavailable';
    this.dependency = dependency;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
