import { invalid } from '../../records/dtype.ts';

/** A Python literal as a .npy header has it. Dicts are Maps. */
export type Literal =
  | string
  | number
  | boolean
  | null
  | readonly Literal[]
  | ReadonlyMap<string, Literal>;

const maxDepth = 16;

/** Parses dicts, lists, tuples, strings without escapes, integers, True, False and None: all that a header may hold. */
export function parseLiteral(text: string): Literal {
  const parser = new LiteralParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class LiteralParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Literal {
    if (depth > maxDepth) throw invalid('a .npy header that is too deep');
    if (this.#take('{')) return this.#dict(depth);
    if (this.#take('(')) return this.#items(')', depth);
    if (this.#take('[')) return this.#items(']', depth);
    const match = /^\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False|None)|(-?\d{1,16})L?)/.exec(
      this.#text.slice(this.#at, this.#at + 4096),
    );
    if (!match) throw this.#broken();
    this.#at += match[0].length;
    const [, single, double, word, digits] = match;
    if (word !== undefined) return word === 'None' ? null : word === 'True';
    return digits === undefined ? (single ?? double ?? '') : Number(digits);
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw this.#broken();
  }

  #dict(depth: number): Map<string, Literal> {
    const entries = new Map<string, Literal>();
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' || !this.#take(':') || entries.has(key)) throw this.#broken();
      entries.set(key, this.value(depth + 1));
      if (!this.#take(',') && !this.#isAt('}')) throw this.#broken();
    }
    return entries;
  }

  #items(close: string, depth: number): Literal[] {
    const items: Literal[] = [];
    while (!this.#take(close)) {
      items.push(this.value(depth + 1));
      if (!this.#take(',') && !this.#isAt(close)) throw this.#broken();
    }
    return items;
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #isAt(sign: string): boolean {
    this.#skip();
    return this.#text[this.#at] === sign;
  }

  #take(sign: string): boolean {
    if (!this.#isAt(sign)) return false;
    this.#at += 1;
    return true;
  }

  #broken(): Error {
    return invalid(`a .npy header that cannot be read at character ${this.#at}`);
  }
}
