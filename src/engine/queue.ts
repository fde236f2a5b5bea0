/** A first-in first-out line with a fixed number of places. Leaving it early is O(1). */
export class BoundedQueue<T> {
  readonly limit: number;
  readonly #items = new Set<T>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#items.size;
  }

  /** `false` when every place is taken. */
  push(item: T): boolean {
    if (this.#items.size >= this.limit) return false;
    this.#items.add(item);
    return true;
  }

  shift(): T | undefined {
    const [first] = this.#items;
    if (first !== undefined) this.#items.delete(first);
    return first;
  }

  remove(item: T): boolean {
    return this.#items.delete(item);
  }

  /** Empties the line and returns what stood in it, in order. */
  clear(): T[] {
    const all = [...this.#items];
    this.#items.clear();
    return all;
  }
}
