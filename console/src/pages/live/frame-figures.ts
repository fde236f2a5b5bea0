/** How a stream goes, in numbers. */
export interface Figures {
  readonly sent: number;
  readonly answered: number;
  /** Per second, over the last seconds. */
  readonly sentRate: number;
  readonly answeredRate: number;
  /** Not sent, because earlier frames had no answer yet. */
  readonly skipped: number;
  /** Thrown away by the server, which was busy. */
  readonly dropped: number;
  readonly failed: number;
  /** From the camera to the answer, in milliseconds, of the last answers; `undefined` before the first. */
  readonly latency: { readonly p50: number; readonly p95: number } | undefined;
}

const windowMs = 3_000;
const mostLatencies = 120;

/** Counts the frames of one stream. Times are of `performance.now()`. */
export class FrameFigures {
  /** When each frame without an answer was sent, by its number. */
  readonly #open = new Map<number, number>();
  readonly #sentAt: number[] = [];
  readonly #answeredAt: number[] = [];
  readonly #latencies: number[] = [];
  #sent = 0;
  #answered = 0;
  #skipped = 0;
  #dropped = 0;
  #failed = 0;
  /** Numbers begin anew with each connection. */
  #number = 0;

  /** Frames without an answer. */
  get open(): number {
    return this.#open.size;
  }

  /** When the oldest of them was sent. */
  get oldest(): number | undefined {
    return this.#open.values().next().value;
  }

  connected(): void {
    this.#number = 0;
    this.#open.clear();
  }

  sent(now: number): void {
    this.#sent += 1;
    this.#number += 1;
    this.#open.set(this.#number, now);
    this.#sentAt.push(now);
  }

  skipped(): void {
    this.#skipped += 1;
  }

  answered(frame: number, now: number): void {
    this.#answered += 1;
    this.#answeredAt.push(now);
    const began = this.#open.get(frame);
    if (began !== undefined) this.#latencies.push(now - began);
    if (this.#latencies.length > mostLatencies) this.#latencies.shift();
    this.#open.delete(frame);
  }

  dropped(frames: readonly number[]): void {
    this.#dropped += frames.length;
    for (const frame of frames) this.#open.delete(frame);
  }

  failed(frame: number): void {
    this.#failed += 1;
    this.#open.delete(frame);
  }

  at(now: number): Figures {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const quantile = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      sent: this.#sent,
      answered: this.#answered,
      sentRate: rate(this.#sentAt, now),
      answeredRate: rate(this.#answeredAt, now),
      skipped: this.#skipped,
      dropped: this.#dropped,
      failed: this.#failed,
      latency: sorted.length === 0 ? undefined : { p50: quantile(0.5), p95: quantile(0.95) },
    };
  }
}

/** Events per second of the window; forgets those before it. */
function rate(times: number[], now: number): number {
  while (times[0] !== undefined && times[0] < now - windowMs) times.shift();
  return times.length / (windowMs / 1000);
}
