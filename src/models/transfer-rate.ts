/** How fast bytes come, smoothed over some seconds, and how long the rest will take. */
export class TransferRate {
  readonly #smoothingMs = 3_000;
  #at: number | undefined;
  #bytes = 0;
  #rate: number | undefined;

  /** @param bytes there so far; fewer than before is another file. @param now milliseconds */
  note(bytes: number, now: number): void {
    if (this.#at === undefined || bytes < this.#bytes) {
      [this.#at, this.#bytes, this.#rate] = [now, bytes, undefined];
      return;
    }
    const elapsed = now - this.#at;
    if (elapsed < 100) return;
    const current = ((bytes - this.#bytes) / elapsed) * 1000;
    const weight = 1 - Math.exp(-elapsed / this.#smoothingMs);
    this.#rate = this.#rate === undefined ? current : this.#rate + weight * (current - this.#rate);
    [this.#at, this.#bytes] = [now, bytes];
  }

  get bytesPerSecond(): number | undefined {
    return this.#rate === undefined ? undefined : Math.round(this.#rate);
  }

  etaSeconds(total: number | undefined): number | undefined {
    if (total === undefined || !this.#rate) return undefined;
    return Math.ceil(Math.max(0, total - this.#bytes) / this.#rate);
  }
}
