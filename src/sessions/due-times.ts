import { SortedIds } from './sorted-ids.ts';

/** Enough for every moment until the year 33658. */
const digits = 15;

/** When each of many things is due, next one first. */
export class DueTimes {
  readonly #order = new SortedIds();
  readonly #keys = new Map<string, string>();

  /** @param at milliseconds since 1970. */
  set(id: string, at: number): void {
    this.delete(id);
    const key = `${String(at).padStart(digits, '0')} ${id}`;
    this.#order.add(key);
    this.#keys.set(id, key);
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }

  delete(id: string): void {
    const key = this.#keys.get(id);
    if (key === undefined) return;
    this.#order.delete(key);
    this.#keys.delete(id);
  }

  /** Takes out what is due at `now`, at most `most`. */
  take(now: number, most: number): string[] {
    const end = String(now + 1).padStart(digits, '0');
    return this.#order.takeBelow(end, most).map((key) => {
      const id = key.slice(digits + 1);
      this.#keys.delete(id);
      return id;
    });
  }
}
