import { SklearnImportError } from '../../errors.ts';
import { PyFloat } from '../../records.ts';
import { plain } from '../../records/element.ts';
import type { Budget } from '../pickle/budget.ts';

/** JSON as Python writes it: ints and floats apart, keys in their order, NaN and Infinity allowed. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | readonly Json[]
  | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** Each node of a skops schema takes two levels. */
const levelsPerNode = 3;

/**
 * Parses JSON within the budget. `JSON.parse` would put keys like "10" before others, lose ints beyond 2^53, and take
 * memory without a bound.
 * @throws SKOPS_CORRUPT, PICKLE_LIMIT, READ_TIMEOUT
 */
export function parseJson(text: string, budget: Budget): Json {
  const parser = new JsonParser(text, budget);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** All but strings, which are found by their quotes: a regular expression runs out of stack on long ones. */
const token = /([{}[\],:])|(-?Infinity|NaN|true|false|null)|(-?\d+)(\.\d+)?([eE][+-]?\d+)?/y;
const space = /[ \t\r\n]*/y;
const words: Readonly<Record<string, Json>> = {
  null: null,
  true: true,
  false: false,
  NaN: new PyFloat(NaN),
  Infinity: new PyFloat(Infinity),
  '-Infinity': new PyFloat(-Infinity),
};

class JsonParser {
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;
  /** The last token: a sign, or a value. */
  #sign: string | undefined;
  #value: Json | undefined;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
    this.#next();
  }

  value(depth: number): Json {
    if (depth > this.#budget.limits.depth * levelsPerNode)
      throw corruptSchema('the JSON is too deep');
    this.#budget.opcode();
    if (this.#sign === '{') return this.#object(depth);
    if (this.#sign === '[') return this.#array(depth);
    const value = this.#value;
    if (value === undefined) throw this.#broken();
    this.#next();
    return value;
  }

  end(): void {
    if (this.#sign !== 'end') throw this.#broken();
  }

  #object(depth: number): JsonObject {
    const object = new Map<string, Json>();
    this.#budget.addContainer();
    this.#next();
    while (this.#sign !== '}') {
      const key = this.#value;
      if (typeof key !== 'string' || object.has(key)) throw this.#broken();
      this.#next();
      this.#expect(':');
      object.set(key, this.value(depth + 1));
      this.#budget.addItems(1);
      if (!this.#separated('}')) throw this.#broken();
    }
    this.#next();
    return object;
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    this.#budget.addContainer();
    this.#next();
    while (this.#sign !== ']') {
      array.push(this.value(depth + 1));
      this.#budget.addItems(1);
      if (!this.#separated(']')) throw this.#broken();
    }
    this.#next();
    return array;
  }

  /** After an item: a comma with another item behind it, or the end. */
  #separated(close: string): boolean {
    if (this.#sign === close) return true;
    if (this.#sign !== ',') return false;
    this.#next();
    return this.#sign !== close;
  }

  #expect(sign: string): void {
    if (this.#sign !== sign) throw this.#broken();
    this.#next();
  }

  #next(): void {
    space.lastIndex = this.#at;
    space.exec(this.#text);
    this.#at = space.lastIndex;
    this.#sign = this.#at === this.#text.length ? 'end' : undefined;
    this.#value = undefined;
    if (this.#sign === 'end') return;
    if (this.#text[this.#at] === '"') {
      this.#value = this.#string();
      return;
    }
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (!match) throw this.#broken();
    this.#at = token.lastIndex;
    const [, sign, word, digits, fraction, exponent] = match;
    this.#sign = sign;
    if (word !== undefined) this.#value = words[word] ?? null;
    else if (digits !== undefined)
      this.#value = this.#number(digits, (fraction ?? '') + (exponent ?? ''));
  }

  #string(): string {
    const from = this.#at;
    let to = from;
    do to = this.#text.indexOf('"', to + 1);
    while (to > 0 && this.#escaped(to));
    if (to < 0) throw this.#broken();
    this.#budget.text(to - from);
    this.#at = to + 1;
    const raw = this.#text.slice(from, to + 1);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return String(JSON.parse(raw));
    } catch {
      throw this.#broken();
    }
  }

  /** A sign is escaped when an odd number of backslashes stands before it. */
  #escaped(at: number): boolean {
    let backslashes = 0;
    while (this.#text[at - 1 - backslashes] === '\\') backslashes += 1;
    return backslashes % 2 === 1;
  }

  #number(digits: string, rest: string): Json {
    if (rest !== '') return new PyFloat(Number(digits + rest));
    this.#budget.integer(Math.ceil(digits.length / 2.5));
    return plain(BigInt(digits));
  }

  #broken(): SklearnImportError {
    return corruptSchema(`the JSON cannot be read at character ${this.#at}`);
  }
}

export function corruptSchema(message: string): SklearnImportError {
  return new SklearnImportError('SKOPS_CORRUPT', message);
}
