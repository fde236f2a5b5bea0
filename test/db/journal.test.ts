import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { Journal } from '../../src/db/journal.ts';
import { FoveaError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/postgres.ts';
import { killHard, startChild } from './fixtures/child.ts';
import { journalRecord } from './fixtures/journal-record.ts';

interface Settings {
  readonly maxBytes?: number;
  readonly onDamage?: (path: string, lines: number) => void;
}

async function openJournal(t: TestContext, directory: string, settings: Settings = {}) {
  const parse = (line: string) => journalRecord.parse(JSON.parse(line));
  const journal = await Journal.open({ directory, maxBytes: 64_000_000, parse, ...settings });
  t.after(() => journal.close());
  return journal;
}

const record = (n: number, text = '') => ({ id: String(n), text });
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

async function drainIds(journal: Journal<{ id: string }>, batchSize = 100): Promise<number[]> {
  const ids: number[] = [];
  const take = (batch: readonly { id: string }[]) => {
    ids.push(...batch.map(({ id }) => Number(id)));
    return Promise.resolve();
  };
  assert.equal(await journal.drain(take, batchSize), ids.length);
  return ids;
}

test('records come out in order, once, over many segments and a reopening', async (t) => {
  const directory = await temporaryDirectory();
  const first = await openJournal(t, directory, { maxBytes: 100_000 });
  for (const n of numbers(300)) await first.append(record(n, 'x'.repeat(80)));
  await first.close();
  assert.ok(readdirSync(directory).length > 3);
  const second = await openJournal(t, directory);
  await second.append(record(300));
  assert.deepEqual(await drainIds(second, 7), numbers(301));
  assert.deepEqual(await drainIds(second), []);
  assert.equal(second.size, 0);
  assert.deepEqual(readdirSync(directory), []);
});

test('a failing handler loses nothing and sees the same batch again', async (t) => {
  const journal = await openJournal(t, await temporaryDirectory());
  await Promise.all(numbers(25).map((n) => journal.append(record(n))));
  let calls = 0;
  const failing = journal.drain(async () => {
    if (++calls === 2) throw new Error('still away');
  }, 10);
  await assert.rejects(failing, /still away/);
  assert.deepEqual(await drainIds(journal, 10), numbers(25).slice(10));
});

test('appends go on during a drain and are left for the next one', async (t) => {
  const journal = await openJournal(t, await temporaryDirectory());
  await journal.append(record(0));
  const taken = await journal.drain(async () => journal.append(record(1)), 10);
  assert.equal(taken, 1);
  assert.deepEqual(await drainIds(journal), [1]);
});

test('appends at the same time share one sync', async (t) => {
  const journal = await openJournal(t, await temporaryDirectory());
  const started = performance.now();
  await Promise.all(numbers(20_000).map((n) => journal.append(record(n))));
  t.diagnostic(`20,000 appends at once: ${(performance.now() - started).toFixed(0)} ms`);
  assert.ok(performance.now() - started < 60_000);
  assert.equal((await drainIds(journal, 1_000)).length, 20_000);
});

test('a full journal refuses, and takes again once drained', async (t) => {
  const journal = await openJournal(t, await temporaryDirectory(), { maxBytes: 1_000 });
  const results = await Promise.allSettled(
    numbers(20).map((n) => journal.append(record(n, 'x'.repeat(79)))),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 10);
  for (const { reason } of refused)
    assert.ok(reason instanceof FoveaError && reason.code === 'STORAGE_UNAVAILABLE');
  assert.equal(journal.size, 1_000);
  assert.deepEqual(await drainIds(journal), numbers(10));
  await journal.append(record(20));
});

test('a torn last line is ignored, a damaged line is reported', async (t) => {
  const directory = await temporaryDirectory();
  const first = await openJournal(t, directory);
  await first.append(record(0));
  await first.close();
  const [segment = ''] = readdirSync(directory);
  appendFileSync(join(directory, segment), 'not json\n{"id":"1","te');
  const damage: number[] = [];
  const onDamage = (_: string, lines: number) => damage.push(lines);
  const second = await openJournal(t, directory, { onDamage });
  await second.append(record(2));
  assert.deepEqual(await drainIds(second), [0, 2]);
  assert.deepEqual(damage, [1]);
});

test('kill -9 loses no acknowledged record', async (t) => {
  for (const round of numbers(3)) {
    const directory = await temporaryDirectory();
    const child = startChild(t, 'journal-writer.ts', directory);
    const acknowledged = new Set<number>();
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    child.on('message', (n: number) => {
      if (acknowledged.add(n).size >= 200 * (round + 1)) resolve();
    });
    await enough;
    await killHard(child);
    const found = new Set(await drainIds(await openJournal(t, directory)));
    t.diagnostic(`${acknowledged.size} acknowledged, ${found.size} found`);
    assert.deepEqual(
      [...acknowledged].filter((n) => !found.has(n)),
      [],
    );
  }
});
