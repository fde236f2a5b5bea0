import { LRUCache } from 'lru-cache';

/**
 * Results by subject (an image's hash) and variant (models and options), least recently used out
 * first, bounded by an estimate of bytes. A subject can be wiped as a whole.
 */
export class ResultCache<T extends object> {
  readonly #entries: LRUCache<string, { readonly value: T; readonly subject: string }>;
  readonly #variants = new Map<string, Set<string>>();
  #hits = 0;
  #misses = 0;

  /** @param sizeOf estimates a value's bytes. */
  constructor(maxBytes: number, sizeOf: (value: T) => number) {
    this.#entries = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: (entry) => Math.max(1, sizeOf(entry.value)),
      dispose: (entry, key) => this.#forget(entry.subject, key),
    });
  }

  get stats(): {
    readonly hits: number;
    readonly misses: number;
    readonly entries: number;
    readonly bytes: number;
  } {
    return {
      hits: this.#hits,
      misses: this.#misses,
      entries: this.#entries.size,
      bytes: this.#entries.calculatedSize,
    };
  }

  get(subject: string, variant: string): T | undefined {
    const value = this.#entries.get(keyOf(subject, variant))?.value;
    if (value) this.#hits += 1;
    else this.#misses += 1;
    return value;
  }

  set(subject: string, variant: string, value: T): void {
    const key = keyOf(subject, variant);
    this.#entries.set(key, { value, subject });
    if (!this.#entries.has(key)) return; // larger than the whole cache
    const variants = this.#variants.get(subject) ?? new Set();
    this.#variants.set(subject, variants.add(key));
  }

  /** Drops every variant of one subject. */
  wipe(subject: string): void {
    for (const key of Array.from(this.#variants.get(subject) ?? [])) this.#entries.delete(key);
  }

  #forget(subject: string, key: string): void {
    const variants = this.#variants.get(subject);
    variants?.delete(key);
    if (variants?.size === 0) this.#variants.delete(subject);
  }
}

function keyOf(subject: string, variant: string): string {
  return `${subject}\n${variant}`;
}
