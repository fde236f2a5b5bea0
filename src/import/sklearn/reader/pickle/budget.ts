import type { Deadline } from '../deadline.ts';
import type { ReadLimits } from '../limits.ts';
import { overLimit } from './errors.ts';

/** Opcodes between two looks at the clock. */
const clockInterval = 4096;

/** What was spent so far on a file, over all the pickles nested in it. */
export class Budget {
  readonly limits: ReadLimits;
  readonly #deadline: Deadline;
  opcodes = 0;
  items = 0;
  containers = 0;
  memoEntries = 0;
  arrays = 0;
  arrayBytes = 0;
  nested = 0;

  constructor(limits: ReadLimits, deadline: Deadline) {
    this.limits = limits;
    this.#deadline = deadline;
  }

  opcode(): void {
    this.opcodes += 1;
    if (this.opcodes > this.limits.opcodes)
      throw overLimit('opcodes', this.limits.opcodes, 'the pickle has more opcodes');
    if (this.opcodes % clockInterval === 0) this.#deadline.check();
  }

  /** Items put into lists, tuples, dicts, sets and objects. */
  addItems(count: number): void {
    this.items += count;
    if (this.items > this.limits.items)
      throw overLimit('items', this.limits.items, 'the pickle has more items');
  }

  addContainer(): void {
    this.containers += 1;
    if (this.containers > this.limits.containers)
      throw overLimit(
        'containers',
        this.limits.containers,
        'the pickle has more lists, dicts and objects',
      );
  }

  addMemoEntry(): void {
    this.memoEntries += 1;
    if (this.memoEntries > this.limits.memoEntries)
      throw overLimit('memoEntries', this.limits.memoEntries, 'the pickle remembers more values');
  }

  /** Asked before the bytes are looked at. */
  addArray(bytes: number): void {
    this.arrays += 1;
    this.arrayBytes += bytes;
    if (!(this.arrayBytes <= this.limits.arrayBytes))
      throw overLimit('arrayBytes', this.limits.arrayBytes, `arrays of ${this.arrayBytes} bytes`);
  }

  addNested(): void {
    this.nested += 1;
    if (this.nested > this.limits.nestedPickles)
      throw overLimit(
        'nestedPickles',
        this.limits.nestedPickles,
        'the file has more nested pickles',
      );
    this.#deadline.check();
  }

  text(bytes: number): void {
    if (bytes > this.limits.textBytes)
      throw overLimit('textBytes', this.limits.textBytes, `a text of ${bytes} bytes`);
  }

  integer(bytes: number): void {
    if (bytes > this.limits.integerBytes)
      throw overLimit('integerBytes', this.limits.integerBytes, `an integer of ${bytes} bytes`);
  }
}
