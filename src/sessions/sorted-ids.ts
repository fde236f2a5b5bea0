/** Ids in order, each once. Ids that are made in order are appended; the rest is found by halves. */
export class SortedIds {
  readonly #ids: string[] = [];

  get size(): number {
    return this.#ids.length;
  }

  add(id: string): void {
    const place = this.#placeOf(id);
    if (this.#ids[place] !== id) this.#ids.splice(place, 0, id);
  }

  delete(id: string): void {
    const place = this.#placeOf(id);
    if (this.#ids[place] === id) this.#ids.splice(place, 1);
  }

  /** Removes and returns the first ones below `end`, at most `most`. */
  takeBelow(end: string, most: number): string[] {
    return this.#ids.splice(0, Math.min(this.#placeOf(end), most));
  }

  /** Greatest first; with `before`, only those below it. */
  *descending(before?: string): Generator<string> {
    let place = before === undefined ? this.#ids.length : this.#placeOf(before);
    while (place > 0) {
      place -= 1;
      const id = this.#ids[place];
      if (id !== undefined) yield id;
    }
  }

  /** The first place whose id is not below `id`. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ids[middle] ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
