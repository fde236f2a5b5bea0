import { AsyncLocalStorage } from 'node:async_hooks';
import type { DependencyName, DependencyState } from './dependency.ts';

interface Watched {
  readonly state: () => DependencyState;
  readonly concerns: 'all' | 'some';
}

/**
 * Which dependencies the server does without: all that are not closed now, and, for one request,
 * those it had to do without although they were thought to work.
 */
export class Degradations {
  readonly #sources = new Map<DependencyName, Watched>();
  readonly #request = new AsyncLocalStorage<Set<DependencyName>>();

  /**
   * A dependency from now on has its say; the same name again replaces it.
   * @param concerns `some`: only requests that need it do without it; they note it themselves
   */
  watch(
    name: DependencyName,
    state: () => DependencyState,
    concerns: Watched['concerns'] = 'all',
  ): void {
    this.#sources.set(name, { state, concerns });
  }

  /** The dependency's state; `undefined` when this server does not have it. */
  state(name: DependencyName): DependencyState | undefined {
    return this.#sources.get(name)?.state();
  }

  states(): ReadonlyMap<DependencyName, DependencyState> {
    return new Map([...this.#sources].map(([name, { state }]) => [name, state()]));
  }

  /** Names of all that do not work now and concern every request, in the order they were added. */
  now(): DependencyName[] {
    return [...this.#sources].flatMap(([name, { state, concerns }]) =>
      concerns === 'some' || state().state === 'closed' ? [] : [name],
    );
  }

  /** Runs `work` as one request: what it notes is in the set it is given back. */
  during(noted: Set<DependencyName>, work: () => void): void {
    this.#request.run(noted, work);
  }

  /** The request under way did without `name`. Does nothing outside a request. */
  note(name: DependencyName): void {
    this.#request.getStore()?.add(name);
  }
}
