import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { Tally, type TestEvent } from './tally.ts';

export type Limits = Readonly<{ testTimeoutMs: number; fileTimeoutMs: number }>;

/** From the request to end a file's process until it is given up. */
const killGraceMs = 10_000;

/** Runs one test file in a process of its own. Ends soon after `fileTimeoutMs`, whatever the file does. */
export async function runFile(
  file: string,
  limits: Limits,
): Promise<{ tally: Tally; report: string }> {
  const startedAt = performance.now();
  const tally = new Tally(file);
  const shown: TestEvent[] = [];
  const ended = new AbortController();
  const collect = async (): Promise<void> => {
    const signal = AbortSignal.any([AbortSignal.timeout(limits.fileTimeoutMs), ended.signal]);
    for await (const event of run({ files: [file], timeout: limits.testTimeoutMs, signal })) {
      tally.add(event as TestEvent);
      if (isShown(event)) shown.push(event);
    }
    tally.finish();
  };
  const giveUp = async (): Promise<void> => {
    await after(limits.fileTimeoutMs + killGraceMs, undefined, { signal: ended.signal });
    tally.fail('does not end when told to');
  };
  await Promise.race([collect(), giveUp()]);
  ended.abort();
  const report = await text(Readable.from(shown).compose(new spec()));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return { tally, report: `${relative(process.cwd(), file)} (${seconds} s)\n${report}` };
}

/** Without the totals of each file: the caller prints one for all. */
function isShown({ type, data }: TestEvent): boolean {
  if (type === 'test:summary') return false;
  return type !== 'test:diagnostic' || (data as { nesting: number }).nesting > 0;
}
