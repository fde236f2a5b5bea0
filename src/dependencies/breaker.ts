import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import {
  DependencyUnavailable,
  type BreakerState,
  type DependencyName,
  type DependencyState,
} from './dependency.ts';

export interface BreakerOptions {
  readonly dependency: DependencyName;
  /**
   * Tries the dependency; rejects when it does not work, within a deadline of its own. Run in the
   * background while open, so that no request pays for the trial. Without it the first caller after the pause is the trial.
   */
  readonly probe?: () => Promise<unknown>;
  /** Whether an error says that the dependency fails; a caller's mistake does not. Default: any error does. */
  readonly isFailure?: (error: unknown) => boolean;
  /** Failures in a row that open it; default 3. */
  readonly failures?: number;
  /** Pause before the first trial, doubled after each that fails; default 250 ms. */
  readonly firstPauseMs?: number;
  /** Default 5 s. */
  readonly longestPauseMs?: number;
  readonly onChange?: (state: BreakerState, reason: string | undefined) => void;
}

const stateNames: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Keeps callers away from a dependency that does not answer.
 *
 *     closed --failures in a row, or trip()--> open --pause--> half_open --trial works--> closed
 *                                               ^                  |
 *                                               `---trial fails----'  (pause doubled)
 *
 * Callers run in `closed` only; otherwise they are refused at once, and never wait for the trial.
 */
export class Breaker {
  readonly dependency: DependencyName;
  readonly #options: BreakerOptions;
  readonly #policy: CircuitBreakerPolicy;
  readonly #transitions = { closed: 0, half_open: 0, open: 0 };
  #tripped: Error | undefined;
  #trials = 0;
  #retryAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.dependency = options.dependency;
    const row = new ConsecutiveBreaker(options.failures ?? 3);
    this.#policy = circuitBreaker(
      handleWhen((error) => this.#tripped !== undefined || (options.isFailure?.(error) ?? true)),
      {
        halfOpenAfter: 0, // the pauses are ours: see #pause
        breaker: {
          state: row.state,
          success: () => row.success(),
          failure: () => row.failure() || this.#tripped !== undefined,
        },
      },
    );
    this.#policy.onStateChange((state) => this.#changed(stateNames[state]));
  }

  get state(): BreakerState {
    return this.#tripped === undefined ? stateNames[this.#policy.state] : 'open';
  }

  get snapshot(): DependencyState {
    const { state } = this;
    return {
      state,
      transitions: { ...this.#transitions },
      ...(state === 'closed' ? {} : { reason: this.#reason() }),
    };
  }

  /** @throws DependencyUnavailable at once while it is not closed; otherwise whatever `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.state === 'closed' || this.#isTrial()) return await this.#policy.execute(work);
    throw this.unavailable();
  }

  /** The error for whoever cannot be served now. */
  unavailable(cause?: unknown): DependencyUnavailable {
    const seconds = Math.max(1, Math.ceil((this.#retryAt - Date.now()) / 1000));
    return new DependencyUnavailable(this.dependency, seconds, cause);
  }

  /** Opens at once: the caller knows that the dependency is gone. */
  trip(reason: Error): void {
    if (this.#closed || this.state !== 'closed') return;
    this.#tripped = reason;
    this.#policy
      .execute(() => Promise.reject(reason))
      .catch(() => undefined)
      .finally(() => {
        this.#tripped = undefined;
      });
  }

  /** Tries now instead of at the end of the pause: the caller has reason to believe that it works again. */
  async tryNow(): Promise<void> {
    const { probe } = this.#options;
    if (this.#closed || probe === undefined || this.#policy.state !== CircuitState.Open) return;
    clearTimeout(this.#timer);
    await this.#policy.execute(async () => await probe()).catch(() => undefined);
  }

  /** Ends the trials. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #isTrial(): boolean {
    const waited = this.#policy.state === CircuitState.Open && Date.now() >= this.#retryAt;
    return this.#options.probe === undefined && waited;
  }

  #changed(state: BreakerState): void {
    this.#transitions[state] += 1;
    if (state === 'closed') this.#trials = 0;
    if (state === 'open') this.#pause();
    this.#options.onChange?.(state, state === 'closed' ? undefined : this.#reason());
  }

  #pause(): void {
    const { firstPauseMs = 250, longestPauseMs = 5_000 } = this.#options;
    const pause = Math.min(firstPauseMs * 2 ** this.#trials, longestPauseMs);
    const spread = pause * (0.8 + Math.random() * 0.4); // servers must not try in step
    this.#trials = Math.min(this.#trials + 1, 30);
    this.#retryAt = Date.now() + spread;
    clearTimeout(this.#timer);
    if (this.#closed || this.#options.probe === undefined) return;
    this.#timer = setTimeout(() => void this.tryNow(), spread);
    this.#timer.unref();
  }

  #reason(): string {
    const failure = this.#policy.lastFailure;
    const error: unknown =
      this.#tripped ?? (failure && 'error' in failure ? failure.error : undefined);
    return error instanceof Error && error.message !== '' ? error.message : 'it does not answer';
  }
}
