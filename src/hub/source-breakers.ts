import { LRUCache } from 'lru-cache';
import { Breaker } from '../dependencies/breaker.ts';
import {
  DependencyUnavailable,
  type BreakerState,
  type DependencyState,
} from '../dependencies/dependency.ts';
import { worstOf } from '../dependencies/worst-of.ts';
import { FoveaError } from '../errors.ts';
import { PassingFailure } from './hub-failure.ts';
import type { RemoteFile } from './source.ts';

/** As many as one file is patient: what one download cannot have, the next ones do not wait for. */
const failures = 5;
const pauses = { firstPauseMs: 1_000, longestPauseMs: 30_000 };
const mostSources = 100;

type OnChange = (origin: string, state: BreakerState, reason: string | undefined) => void;

/** A breaker for every server that model files come from: one that is gone keeps nobody from the others. */
export class SourceBreakers {
  readonly #breakers: LRUCache<string, Breaker>;
  readonly #onChange: OnChange;
  /** Of those that were forgotten: what is counted must not go back. */
  #past: DependencyState = worstOf([]);

  constructor(onChange: OnChange = () => undefined) {
    this.#onChange = onChange;
    this.#breakers = new LRUCache<string, Breaker>({
      max: mostSources,
      dispose: (breaker) => {
        this.#past = { ...worstOf([this.#past, breaker.snapshot]), state: 'closed' };
      },
    });
  }

  /** All of them as one dependency. */
  get state(): DependencyState {
    return worstOf([this.#past, ...[...this.#breakers.values()].map(({ snapshot }) => snapshot)]);
  }

  /**
   * Asks the file's server, unless it did not answer for a while.
   * @throws PassingFailure HUB_UNREACHABLE at once while it is left alone; otherwise what `ask` throws
   */
  async run<T>(remote: RemoteFile, ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#of(remote.url.origin).run(ask);
    } catch (error) {
      throw error instanceof DependencyUnavailable ? leftAlone(remote, error) : error;
    }
  }

  #of(origin: string): Breaker {
    const known = this.#breakers.get(origin);
    if (known) return known;
    const breaker = new Breaker({
      dependency: 'hub',
      failures,
      ...pauses,
      // That it refuses, or is busy, is an answer.
      isFailure: (error) =>
        error instanceof PassingFailure && error.final.code === 'HUB_UNREACHABLE',
      onChange: (state, reason) => this.#onChange(origin, state, reason),
    });
    this.#breakers.set(origin, breaker);
    return breaker;
  }
}

function leftAlone({ page }: RemoteFile, error: DependencyUnavailable): PassingFailure {
  const seconds = error.retryAfterSeconds;
  return new PassingFailure(
    new FoveaError(
      'HUB_UNREACHABLE',
      `${page} is not asked for now: its server did not answer ${failures} times in a row; it is tried again in ${seconds} s.`,
      { page, retry_after_seconds: seconds },
      error,
    ),
  );
}
