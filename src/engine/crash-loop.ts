import type { BreakerState, DependencyState } from '../dependencies/dependency.ts';

/** Deaths in a row after which the workers are not waited for any more. */
const usualLimit = 3;
const pauseMs = { first: 100, most: 10_000 };

/**
 * Workers of one group that die without having answered anything: how long to wait before the next one starts, and
 * whether there is any sense in giving it work.
 *
 *     closed --deaths in a row--> open --a worker is up--> half_open --it answers--> closed
 *                                  ^                           |
 *                                  `---------it dies-----------'  (pause doubled)
 *
 * While half open one job at a time is the trial. A worker is up when its models are loaded and warmed up.
 */
export class CrashLoop {
  readonly #limit: number;
  readonly #onChange: (state: BreakerState) => void;
  readonly #transitions = { closed: 0, half_open: 0, open: 0 };
  #deaths = 0;
  #state: BreakerState = 'closed';
  #retryAt = 0;

  /** @param limit deaths in a row that open it; infinite where a death says something of the work, not of the workers */
  constructor(onChange: (state: BreakerState) => void, limit = usualLimit) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    return this.#state;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** Until the next worker is started; it has its models to load then. */
  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.#retryAt - Date.now()) / 1000));
  }

  get snapshot(): DependencyState {
    const reason = `workers died ${this.#deaths} times in a row`;
    const transitions = { ...this.#transitions };
    return { state: this.#state, transitions, ...(this.#state === 'closed' ? {} : { reason }) };
  }

  /**
   * A worker died. Returns the milliseconds to wait before its successor starts.
   * @param served it had answered before
   * @param othersUp other workers of the group are up
   */
  died(served: boolean, othersUp: boolean): number {
    this.#deaths = served ? 0 : this.#deaths + 1;
    const pause =
      this.#deaths === 0 ? 0 : Math.min(pauseMs.most, pauseMs.first * 2 ** (this.#deaths - 1));
    this.#retryAt = Date.now() + pause;
    if (this.#deaths >= this.#limit) this.#enter(othersUp ? 'half_open' : 'open');
    return pause;
  }

  /** A worker is up. */
  up(): void {
    if (this.#state === 'open') this.#enter('half_open');
  }

  /** A worker answered. */
  answered(): void {
    this.#deaths = 0;
    this.#enter('closed');
  }

  #enter(state: BreakerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#transitions[state] += 1;
    this.#onChange(state);
  }
}
