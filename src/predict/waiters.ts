/** Those who wait for one piece of work. It may be given up when all of them have left. */
export class Waiters {
  readonly #signals: (AbortSignal | undefined)[] = [];
  #all: AbortController | undefined;

  join(signal: AbortSignal | undefined): void {
    this.#signals.push(signal);
    if (this.#all) this.#watch(signal);
  }

  get gone(): boolean {
    return this.#signals.every((signal) => signal?.aborted === true);
  }

  /** Fires when the last one has left. Made when it is needed: most work is over before. */
  get signal(): AbortSignal {
    if (!this.#all) {
      this.#all = new AbortController();
      for (const signal of this.#signals) this.#watch(signal);
    }
    return this.#all.signal;
  }

  #watch(signal: AbortSignal | undefined): void {
    const look = (): void => {
      if (this.gone) this.#all?.abort();
    };
    signal?.addEventListener('abort', look, { once: true });
    look();
  }
}
