import type { NdArray } from '../records.ts';
import type { Fitted } from './fitted.ts';

/** A structured array, such as the nodes of a tree: columns of float64 by name. */
export class Table {
  readonly #array: NdArray;
  readonly #owner: Fitted;
  readonly #name: string;

  constructor(array: NdArray, owner: Fitted, name: string) {
    this.#array = array;
    this.#owner = owner;
    this.#name = name;
  }

  get length(): number {
    return this.#array.size;
  }

  has(column: string): boolean {
    return this.#array.fieldNames.includes(column);
  }

  column(name: string): Float64Array {
    if (!this.has(name)) throw this.#owner.refusal(`${this.#name} has no column ${name}`);
    return this.#array.field(name).numbers();
  }
}
