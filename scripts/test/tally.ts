import type { EventData } from 'node:test';

type Pass = { type: 'test:pass'; data: EventData.TestPass };
type Fail = { type: 'test:fail'; data: EventData.TestFail };
type Other = { type: string; data: unknown };
export type TestEvent = Pass | Fail | Other;

/** What became of one file's tests. Only leaves count: a suite, or a test with subtests, is not one. */
export class Tally {
  passed = 0;
  skipped = 0;
  /** Names from the outermost suite inwards. */
  readonly failures: string[] = [];

  /** Finished children by depth, of the parent whose own event has not come yet. */
  readonly #children: number[] = [];
  /** As it was given to node:test. */
  readonly #file: string;
  #ended = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Events of one file, in the order of node:test: children before their parent. */
  add(event: TestEvent): void {
    if (isEnd(event)) this.#ended = true;
    else if (isPass(event)) this.#pass(event.data);
    else if (isFail(event)) this.#fail(event.data);
  }

  /** After the last event. A file that broke off, or holds no test, has failed whatever it reported. */
  finish(): void {
    if (this.failures.length > 0) return;
    if (!this.#ended) this.failures.push('ended before its tests did');
    else if (this.passed + this.skipped === 0) this.failures.push('holds no test');
  }

  /** A failure that no event reports. */
  fail(reason: string): void {
    this.failures.push(reason);
  }

  #pass(data: EventData.TestPass): void {
    if (this.#isParent(data) || data.details.type === 'suite') return;
    // For a file that reports no test of its own, node:test makes up one with the file's name.
    if (data.name === this.#file) return;
    if (isSet(data.skip) || isSet(data.todo)) this.skipped += 1;
    else this.passed += 1;
  }

  #fail(data: EventData.TestFail): void {
    this.#isParent(data);
    if (isSet(data.todo)) this.skipped += 1;
    else if (data.name === this.#file) this.failures.push('the file crashed or did not end');
    else if (failureType(data) !== 'subtestsFailed') this.failures.push(data.name);
  }

  #isParent({ nesting }: { nesting: number }): boolean {
    const children = this.#children[nesting + 1] ?? 0;
    this.#children[nesting + 1] = 0;
    this.#children[nesting] = (this.#children[nesting] ?? 0) + 1;
    return children > 0;
  }
}

/** `it.skip` gives true or a reason; undefined and false mean that the test ran. */
function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}

function isPass(event: TestEvent): event is Pass {
  return event.type === 'test:pass';
}

function isFail(event: TestEvent): event is Fail {
  return event.type === 'test:fail';
}

/** The process of a test file sends its own totals last; those of the whole run name no file. */
function isEnd(event: TestEvent): boolean {
  return event.type === 'test:summary' && (event.data as EventData.TestSummary).file !== undefined;
}

function failureType({ details }: EventData.TestFail): unknown {
  return 'failureType' in details.error ? details.error.failureType : undefined;
}
