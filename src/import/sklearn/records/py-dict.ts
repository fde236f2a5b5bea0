import type { PyValue } from '../records.ts';
import { NumpyScalar } from './numpy-scalar.ts';

/**
 * A `dict`, in insertion order. Keys compare as in Python for None, str and numbers: `1`, `1.0`, `True` and
 * `numpy.int64(1)` are one key. Tuples and other objects compare by identity, which no fitted model minds.
 * Built on Map: nothing in a key can reach a prototype, and V8 hashes strings with a seed.
 */
export class PyDict {
  readonly kind = 'dict';
  /** Made with the first key: files hold many empty dicts. */
  #values: Map<unknown, PyValue> | undefined;
  /** Keys that are not their own lookup key; most dicts have none. */
  #originals: Map<unknown, PyValue> | undefined;

  get size(): number {
    return this.#values?.size ?? 0;
  }

  get(key: PyValue): PyValue | undefined {
    return this.#values?.get(lookupKey(key));
  }

  has(key: PyValue): boolean {
    return this.#values?.has(lookupKey(key)) ?? false;
  }

  set(key: PyValue, value: PyValue): void {
    const at = lookupKey(key);
    const values = (this.#values ??= new Map());
    if (at !== key && !values.has(at)) (this.#originals ??= new Map()).set(at, key);
    values.set(at, value);
  }

  *entries(): Generator<[PyValue, PyValue]> {
    for (const [at, value] of this.#values ?? []) yield [this.#original(at), value];
  }

  keys(): PyValue[] {
    return Array.from(this.#values?.keys() ?? [], (at) => this.#original(at));
  }

  values(): PyValue[] {
    return [...(this.#values?.values() ?? [])];
  }

  #original(at: unknown): PyValue {
    const original = this.#originals?.get(at);
    return original === undefined ? (at as PyValue) : original;
  }
}

function lookupKey(key: PyValue): unknown {
  if (typeof key === 'boolean') return Number(key);
  if (key === null || typeof key !== 'object') return key;
  if (key.kind === 'float') return key.value;
  return key instanceof NumpyScalar ? lookupKey(key.value) : key;
}
