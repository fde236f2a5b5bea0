import {
  NdArray,
  PyDict,
  PyFloat,
  PyGlobal,
  PyObject,
  asItems,
  typeName,
  unwrap,
} from '../records.ts';
import type { PyValue } from '../records.ts';
import type { Classes } from '../graph/values.ts';
import { Refusal, defaultAdvice } from '../refusal.ts';
import { categoryOf, classesOf } from './categories.ts';
import type { Category } from './categories.ts';
import { sparseMatrix } from './sparse-matrix.ts';
import { Table } from './table.ts';

/** Estimators inside of estimators; fitted models stay below ten. */
const maxDepth = 40;
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly data: Float64Array;
}

/** A fitted estimator: typed access to its record, whose every surprise is a refusal that names the place. */
export class Fitted {
  readonly record: PyObject;
  /** Where it sits in the model, for people. */
  readonly place: string;
  readonly #version: readonly [number, number];
  readonly #depth: number;

  constructor(record: PyObject, place: string, owner?: Fitted) {
    this.record = record;
    this.place = place;
    this.#depth = owner ? owner.#depth + 1 : 0;
    this.#version = versionOf(record) ?? (owner ? owner.#version : [0, 0]);
    if (this.#depth > maxDepth)
      throw this.refusal(`estimators are nested more than ${maxDepth} deep`);
  }

  /** The class without its module. */
  get type(): string {
    return this.record.name;
  }

  versionAtLeast(major: number, minor: number): boolean {
    const [a, b] = this.#version;
    return a > major || (a === major && b >= minor);
  }

  refusal(reason: string, advice = defaultAdvice): Refusal {
    return new Refusal([
      { class: this.record.cls.qualifiedName, place: this.place, reason, advice },
    ]);
  }

  /** @throws when the model was fitted on another number of columns */
  expectWidth(width: number): void {
    if (!this.has('n_features_in_')) return;
    const fitted = this.number('n_features_in_');
    if (fitted !== width)
      throw this.refusal(`it was fitted on ${fitted} columns and gets ${width}`);
  }

  // Any value

  /** Whether the attribute is there and not None. */
  has(name: string): boolean {
    const value = this.record.attributes.get(name);
    return value !== undefined && value !== null;
  }

  raw(name: string): PyValue {
    const value = this.record.attributes.get(name);
    if (value !== undefined && value !== null) return value;
    throw this.refusal(`it has no ${name}`, 'fit it before saving it');
  }

  #mismatch(name: string, value: PyValue, wanted: string): Refusal {
    const callable =
      value instanceof PyGlobal ? `the function ${value.qualifiedName}` : typeName(value);
    return this.refusal(`${name} is ${callable} where ${wanted} is needed`);
  }

  // Scalars

  number(name: string, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const found = numberOf(this.raw(name));
    if (found === undefined) throw this.#mismatch(name, this.raw(name), 'a number');
    return found;
  }

  text(name: string, fallback?: string): string {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const found = unwrap(this.raw(name));
    if (typeof found !== 'string') throw this.#mismatch(name, found, 'a text');
    return found;
  }

  /** A text, or `fallback` where something else stands, such as an estimator instead of 'zero'. */
  textIf(name: string, fallback: string): string {
    const found = this.record.attributes.get(name);
    return typeof found === 'string' ? found : fallback;
  }

  textOrNumber(name: string, fallback: string | number): string | number {
    if (!this.has(name)) return fallback;
    return typeof this.raw(name) === 'string' ? this.text(name) : this.number(name);
  }

  flag(name: string, fallback = false): boolean {
    if (!this.has(name)) return fallback;
    const found = unwrap(this.raw(name));
    if (found === true || found === 1) return true;
    if (found === false || found === 0) return false;
    throw this.#mismatch(name, found, 'True or False');
  }

  // Arrays

  /** Numbers in C order, whatever the shape; also a lone number. */
  vector(name: string, length?: number, finite = true): Float64Array {
    const { data } = this.#numbers(name, this.raw(name), finite);
    if (length === undefined || data.length === length) return data;
    throw this.refusal(`${name} has ${data.length} values where ${length} are needed`);
  }

  tensor(name: string, finite = true): { shape: readonly number[]; data: Float64Array } {
    return this.#numbers(name, this.raw(name), finite);
  }

  /** A two-dimensional array; one dimension is one row. */
  matrix(name: string, rows?: number, columns?: number): Matrix {
    return this.#matrix(name, this.raw(name), rows, columns);
  }

  /** A list of matrices. */
  matrices(name: string, count?: number): Matrix[] {
    return this.#parts(name, count).map((part, i) => this.#matrix(`${name}[${i}]`, part));
  }

  /** A list of vectors, or the rows of a matrix. */
  vectors(name: string, count?: number, finite = true): Float64Array[] {
    const parts = this.#parts(name, count);
    return parts.map((part, i) => this.#numbers(`${name}[${i}]`, part, finite).data);
  }

  /** Integers that are not negative. */
  counts(name: string): number[] {
    const found = [...this.vector(name)];
    if (found.every((v) => Number.isSafeInteger(v) && v >= 0)) return found;
    throw this.refusal(`${name} must hold integers that are not negative`);
  }

  /** Positions below `width`. */
  indexes(name: string, width: number): number[] {
    const found = this.counts(name);
    if (found.every((v) => v < width)) return found;
    throw this.refusal(`${name} names a column beyond the ${width} that there are`);
  }

  flags(name: string): boolean[] {
    return Array.from(this.vector(name), (v) => v !== 0);
  }

  /** Texts and numbers, missing ones as null. */
  mixed(name: string): Category[] {
    return this.items(name).map((item) => {
      const found = categoryOf(item);
      if (found === undefined) throw this.#mismatch(name, item, 'texts or numbers');
      return found;
    });
  }

  strings(name: string): string[] {
    return this.items(name).map((item) => {
      const found = unwrap(item);
      if (typeof found !== 'string') throw this.#mismatch(name, item, 'texts');
      return found;
    });
  }

  /** A structured array. */
  table(name: string): Table {
    const value = this.raw(name);
    if (value instanceof NdArray && value.fieldNames.length > 0)
      return new Table(value, this, name);
    throw this.#mismatch(name, value, 'a structured array');
  }

  items(name: string): readonly PyValue[] {
    return asItems(this.raw(name), `${name} of ${this.place}`);
  }

  /** How many entries a dict has. */
  dictSize(name: string): number {
    const value = this.raw(name);
    if (value instanceof PyDict) return value.size;
    throw this.#mismatch(name, value, 'a dict');
  }

  /** The labels of a classifier; ridge classifiers of old keep them in their binarizer. */
  classes(): Classes {
    const name = ['classes_', '_classes'].find((key) => this.has(key));
    if (name === undefined && this.has('_label_binarizer'))
      return this.child('_label_binarizer').classes();
    return this.#classes(name ?? 'classes_', this.raw(name ?? 'classes_'));
  }

  /** The labels of a classifier with several outputs. */
  classLists(): Classes[] {
    return this.items('classes_').map((item, i) => this.#classes(`classes_[${i}]`, item));
  }

  // Estimators

  child(name: string): Fitted {
    return this.fitted(this.raw(name), name);
  }

  children(name: string): Fitted[] {
    return this.items(name).map((item, i) => this.fitted(item, `${name}[${i}]`));
  }

  /** An array of estimators, such as [iterations, classes]. */
  objects(name: string): { shape: readonly number[]; items: Fitted[] } {
    const value = this.raw(name);
    if (!(value instanceof NdArray)) throw this.#mismatch(name, value, 'an array of estimators');
    return { shape: value.shape, items: this.children(name) };
  }

  /** A list of lists of estimators. */
  nested(name: string): Fitted[][] {
    return this.items(name).map((list, i) =>
      asItems(list, `${name}[${i}] of ${this.place}`).map((item, j) =>
        this.fitted(item, `${name}[${i}][${j}]`),
      ),
    );
  }

  /** A value of this estimator that is itself one. `step` is its name for people. */
  fitted(value: PyValue, step: string): Fitted {
    if (!(value instanceof PyObject)) throw this.#mismatch(step, value, 'an estimator');
    return new Fitted(value, this.place === '' ? step : `${this.place} → ${step}`, this);
  }

  #parts(name: string, count?: number): readonly PyValue[] {
    const value = this.raw(name);
    const parts =
      value instanceof NdArray && value.objects === undefined ? rowsOf(value) : this.items(name);
    if (count === undefined || parts.length === count) return parts;
    throw this.refusal(`${name} has ${parts.length} parts where ${count} are needed`);
  }

  #classes(name: string, value: PyValue): Classes {
    const found = classesOf(value, `${name} of ${this.place}`);
    if (found !== undefined) return found;
    throw this.#mismatch(name, value, 'a list of labels of one type');
  }

  #matrix(name: string, value: PyValue, rows?: number, columns?: number): Matrix {
    const { shape, data } = this.#numbers(name, value, true);
    const [first = 1, second] = shape;
    const found =
      second === undefined ? { rows: 1, columns: first } : { rows: first, columns: second };
    if (
      shape.length > 2 ||
      (rows ?? found.rows) !== found.rows ||
      (columns ?? found.columns) !== found.columns
    )
      throw this.refusal(
        `${name} is ${shape.join('×')} where ${rows ?? 'any'}×${columns ?? 'any'} is needed`,
      );
    return { ...found, data };
  }

  #numbers(name: string, value: PyValue, finite: boolean) {
    const found = arrayOf(value);
    if (found === undefined) throw this.#mismatch(name, value, 'numbers');
    if (!finite || found.data.every((v) => Number.isFinite(v))) return found;
    throw this.refusal(`${name} holds NaN or infinity`, 'fit it again on finite data');
  }
}

function versionOf(record: PyObject): readonly [number, number] | undefined {
  const version = record.attributes.get('_sklearn_version');
  const [, major, minor] = typeof version === 'string' ? (/^(\d+)\.(\d+)/.exec(version) ?? []) : [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

export function numberOf(value: PyValue): number | undefined {
  const inner = unwrap(value);
  if (typeof inner === 'number' || typeof inner === 'bigint' || typeof inner === 'boolean')
    return Number(inner);
  if (inner instanceof PyFloat) return inner.value;
  if (inner instanceof NdArray && inner.size === 1) return inner.numbers()[0];
  return undefined;
}

function arrayOf(value: PyValue): { shape: readonly number[]; data: Float64Array } | undefined {
  if (value instanceof NdArray) return { shape: value.shape, data: value.numbers() };
  const sparse = sparseMatrix(value);
  if (sparse) return sparse;
  const single = numberOf(value);
  if (single !== undefined) return { shape: [], data: Float64Array.of(single) };
  if (value === null || typeof value !== 'object' || !('items' in value)) return undefined;
  const numbers = value.items.map(numberOf);
  const data = Float64Array.from(numbers, (v) => v ?? 0);
  return numbers.includes(undefined) ? undefined : { shape: [data.length], data };
}

/** The rows of a matrix, each as an array of its own. */
function rowsOf(value: NdArray): NdArray[] {
  const data = value.numbers();
  const [rows = 0, ...shape] = value.shape;
  const size = rows === 0 ? 0 : data.length / rows;
  return Array.from({ length: rows }, (_, i) => {
    const bytes = new Uint8Array(data.slice(i * size, (i + 1) * size).buffer);
    return new NdArray({
      dtype: { code: 'f', itemsize: 8, littleEndian: true },
      shape,
      order: 'C',
      bytes,
    });
  });
}
