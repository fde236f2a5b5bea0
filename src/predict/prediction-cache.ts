import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { NamedTensors } from '../engine/tabular-tasks.ts';
import type { DecodedRows } from './decode-outputs.ts';

/**
 * Results by version and exact input. A version never changes, so a result never goes stale; and as
 * a version has one owner, who is checked before anything is looked up, no result crosses tenants.
 */
export interface PredictionCache {
  /** A cache that does not answer has nothing: it never rejects. */
  readonly get: (key: string) => Promise<DecodedRows | undefined>;
  readonly set: (key: string, value: DecodedRows) => void;
}

/** Lookups since the start. */
export interface LookupCounts {
  readonly hits: number;
  readonly misses: number;
}

/** In this process, least recently used out first, bounded by an estimate of bytes. */
export class MemoryPredictionCache implements PredictionCache {
  readonly #entries: LRUCache<string, DecodedRows>;
  #hits = 0;
  #misses = 0;

  constructor(maxBytes: number) {
    this.#entries = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: (rows) => estimatedBytes(rows),
    });
  }

  async get(key: string): Promise<DecodedRows | undefined> {
    const known = this.#entries.get(key);
    if (known) this.#hits += 1;
    else this.#misses += 1;
    return known;
  }

  get lookups(): LookupCounts {
    return { hits: this.#hits, misses: this.#misses };
  }

  set(key: string, value: DecodedRows): void {
    this.#entries.set(key, value);
  }
}

/** Identifies an input bit for bit: types, dimensions and data of every tensor, by SHA-256. */
export function predictionKey(version: string, runs: readonly NamedTensors[]): string {
  const hash = createHash('sha256');
  for (const run of runs) {
    for (const [name, { dtype, dims, data }] of Object.entries(run)) {
      hash.update(JSON.stringify([name, dtype, dims]));
      if (ArrayBuffer.isView(data)) hash.update(data);
      else hash.update(JSON.stringify(data));
    }
  }
  return `${version} ${hash.digest('base64')}`;
}

/** Heap that a result takes, roughly: what counts is that it grows with rows and classes. */
function estimatedBytes({ predictions, probabilities }: DecodedRows): number {
  const [first] = predictions;
  const perRow = Array.isArray(first) ? 32 + first.flat(8).length * 16 : 64;
  const classes = Object.keys(probabilities?.[0] ?? {}).length;
  return 400 + predictions.length * (perRow + classes * 40);
}
