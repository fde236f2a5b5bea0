/** A first-in first-out line with a fixed number of places, and one before them all. Leaving it early is O(1). */
export class BoundedQueue<T> {
  readonly limit: number;
  readonly #items = new Set<T>();
  #first: T | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#items.size + (this.#first === undefined ? 0 : 1);
  }

  /** Whether `push` finds every place taken. */
  get full(): boolean {
    return this.#items.size >= this.limit;
  }

  /** `false` when every place is taken. */
  push(item: T): boolean {
    if (this.full) return false;
    this.#items.add(item);
    return true;
  }

  /** Before everything else, also when every place is taken; `false` when somebody stands there already. */
  pushFirst(item: T): boolean {
    if (this.#first !== undefined) return false;
    this.#first = item;
    return true;
  }

  shift(): T | undefined {
    const [oldest] = this.#items;
    const next = this.#first ?? oldest;
    if (next !== undefined) this.remove(next);
    return next;
  }

  remove(item: T): boolean {
    if (this.#first !== item) return this.#items.delete(item);
    this.#first = undefined;
    return true;
  }

  /** Empties the line and returns what stood in it, in order. */
  clear(): T[] {
    const all = this.#first === undefined ? [...this.#items] : [this.#first, ...this.#items];
    this.#items.clear();
    this.#first = undefined;
    return all;
  }
}
