import type { PyValue } from '../../records.ts';
import { PyGlobal, PyObject } from '../../records.ts';
import type { NamedGlobal } from '../globals/allowed.ts';
import { isAllowed } from '../globals/allowed.ts';
import { canonicalModule, globalKey } from '../globals/known-globals.ts';
import type { Budget } from './budget.ts';
import type { Cursor } from './cursor.ts';
import { corruptPickle, overLimit } from './errors.ts';

/** What all pickles of one file share. */
export interface Session {
  readonly cursor: Cursor;
  readonly budget: Budget;
  /** By `globalKey`, in the order of their first appearance. */
  readonly globals: Map<string, { readonly value: PyGlobal; readonly named: NamedGlobal }>;
  /** How often each opcode was met, by its byte. */
  readonly histogram: Uint32Array;
  /** Highest protocol declared. */
  protocol: number;
}

/** The state of the pickle machine for one pickle (`Lib/pickle.py`, `_Unpickler`). */
export class Machine {
  readonly session: Session;
  /** Pickles around this one. */
  readonly nesting: number;
  readonly #stack: PyValue[] = [];
  readonly #marks: number[] = [];
  #floor = 0;
  /** Most pickles number their memo 0, 1, 2, …; the others go to `#sparse`. */
  readonly #memo: PyValue[] = [];
  readonly #sparse = new Map<number, PyValue>();
  /** joblib's wrappers, whose place the array took. */
  readonly #replaced = new Map<PyObject, PyValue>();

  constructor(session: Session, nesting: number) {
    this.session = session;
    this.nesting = nesting;
  }

  get cursor(): Cursor {
    return this.session.cursor;
  }

  get budget(): Budget {
    return this.session.budget;
  }

  push(value: PyValue): void {
    const { stack } = this.budget.limits;
    if (this.#stack.length >= stack)
      throw overLimit('stack', stack, 'the pickle has more values on its stack');
    this.#stack.push(value);
  }

  pop(): PyValue {
    const value = this.#stack.length > this.#floor ? this.#stack.pop() : undefined;
    if (value === undefined) throw this.corrupt('a value is taken from an empty stack');
    return value;
  }

  top(): PyValue {
    const value = this.#stack.length > this.#floor ? this.#stack.at(-1) : undefined;
    if (value === undefined) throw this.corrupt('a value is taken from an empty stack');
    return value;
  }

  mark(): void {
    const { stack } = this.budget.limits;
    if (this.#marks.length >= stack)
      throw overLimit('stack', stack, 'the pickle has more open marks');
    this.#marks.push(this.#floor);
    this.#floor = this.#stack.length;
  }

  popMark(): PyValue[] {
    const floor = this.#marks.pop();
    if (floor === undefined) throw this.corrupt('a mark is taken and there is none');
    const items = this.#stack.splice(this.#floor);
    this.#floor = floor;
    return items;
  }

  /** POP takes a value, or a mark when nothing lies above it. */
  drop(): void {
    if (this.#stack.length > this.#floor) this.#stack.pop();
    else this.popMark();
  }

  remember(index: number): void {
    if (index >= this.#memo.length && !this.#sparse.has(index)) this.budget.addMemoEntry();
    if (index < this.#memo.length) this.#memo[index] = this.top();
    else if (index === this.#memo.length) {
      this.#memo.push(this.top());
      this.#sparse.delete(index);
    } else this.#sparse.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.#memo.length + this.#sparse.size);
  }

  recall(index: number): PyValue {
    const value = index < this.#memo.length ? this.#memo[index] : this.#sparse.get(index);
    if (value === undefined) throw this.corrupt(`memo ${index} was never put`);
    return value instanceof PyObject ? (this.#replaced.get(value) ?? value) : value;
  }

  replace(wrapper: PyObject, value: PyValue): void {
    this.#replaced.set(wrapper, value);
  }

  /** The one value that a finished pickle leaves. */
  result(): PyValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length !== 1 || this.#marks.length > 0)
      throw this.corrupt(
        `STOP with ${this.#stack.length} values and ${this.#marks.length} marks, 1 and 0 are right,`,
      );
    return value;
  }

  /** A name object. A name that is not on the list is noted; the file is refused once all are known. */
  global(module: string, name: string, offset: number): PyGlobal {
    const key = globalKey(module, name);
    const known = this.session.globals.get(key);
    if (known) return known.value;
    const value = new PyGlobal(canonicalModule(module), name);
    this.budget.addMemoEntry();
    this.session.globals.set(key, {
      value,
      named: { module, name, allowed: isAllowed(value), offset },
    });
    return value;
  }

  corrupt(message: string): Error {
    return corruptPickle(message, this.cursor.at);
  }
}
