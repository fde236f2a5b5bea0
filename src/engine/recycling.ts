import type { Slot } from './slot.ts';

/** Why a worker that works is replaced. */
export type RecycleReason = 'memory' | 'age' | 'requests';

export interface RecycleRules {
  /** Resident memory in bytes above which a worker is replaced. */
  readonly workerMemory: number;
  /** Milliseconds after which a worker is replaced; 0 or nothing: never. */
  readonly workerAgeMs?: number;
  /** Answers after which a worker is replaced; 0 or nothing: never. */
  readonly workerAnswers?: number;
}

/** A worker that is due after fewer answers is due again soon: the limit is too low for what it holds. */
const fewAnswers = 50;
const pauseMs = { first: 1_000, most: 300_000 };

/**
 * Which workers are to be replaced, and by whom: the successor loads while the old one goes on, one at
 * a time. Where workers are due as soon as they have come, the pauses between replacements grow.
 */
export class Recycling {
  readonly #rules: RecycleRules;
  readonly #counts = { memory: 0, age: 0, requests: 0 };
  #pair: { readonly old: Slot; readonly successor: Slot } | undefined;
  #pauseMs = 0;
  #notBefore = 0;

  constructor(rules: RecycleRules) {
    this.#rules = rules;
  }

  get counts(): Readonly<Record<RecycleReason, number>> {
    return { ...this.#counts };
  }

  /** Why the worker is to be replaced now; undefined: it is not, or another one is first. */
  due(slot: Slot): RecycleReason | undefined {
    if (slot.state !== 'open' || this.#pair) return undefined;
    const reason = this.#reason(slot);
    return reason !== undefined && performance.now() >= this.#notBefore ? reason : undefined;
  }

  /** Whether it has so much memory that it must not get more work while its successor loads. */
  isUrgent({ rss }: Slot): boolean {
    return rss > 2 * this.#rules.workerMemory;
  }

  begin(old: Slot, successor: Slot, reason: RecycleReason): void {
    this.#pair = { old, successor };
    this.#counts[reason] += 1;
    const hasty = old.answered < fewAnswers;
    this.#pauseMs = hasty ? Math.min(pauseMs.most, 2 * this.#pauseMs || pauseMs.first) : 0;
    this.#notBefore = performance.now() + this.#pauseMs;
  }

  /** To be called when a worker has changed: the old one retires when its successor takes work. */
  changed(slot: Slot): void {
    if (this.#pair?.successor !== slot || slot.state !== 'open') return;
    this.#pair.old.retire();
    this.#pair = undefined;
  }

  /** Whether the process that has gone needs no other in its place: its partner is there. */
  ended(slot: Slot): boolean {
    if (slot !== this.#pair?.old && slot !== this.#pair?.successor) return false;
    const { old } = this.#pair;
    this.#pair = undefined;
    // A successor that never came: the old one stays, if it takes work at all.
    return slot === old || old.state === 'open';
  }

  #reason({ rss, ageMs, answered }: Slot): RecycleReason | undefined {
    const { workerMemory, workerAgeMs = 0, workerAnswers = 0 } = this.#rules;
    if (rss > workerMemory) return 'memory';
    if (workerAnswers > 0 && answered >= workerAnswers) return 'requests';
    return workerAgeMs > 0 && ageMs >= workerAgeMs ? 'age' : undefined;
  }
}
