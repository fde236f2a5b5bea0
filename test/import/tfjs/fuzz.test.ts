import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTfjs } from '../../../src/import/tfjs/import-tfjs.ts';
import type { TfjsModel } from '../../../src/import/tfjs/import-tfjs.ts';
import { TfjsImportError } from '../../../src/import/tfjs/tfjs-import-error.ts';
import { readHumanModel } from './human-models.ts';
import { seeded } from './random.ts';

/** Values that parsers and shape arithmetic tend to stumble over. */
const nasty: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  2 ** 31,
  1e300,
  -0.5,
  Number.NaN,
  '',
  'constructor',
  '__proto__',
  '-1',
  '99999999999999999999',
  [],
  {},
  [[]],
  { b: true },
  { i: '0' },
  { i: '-9223372036854775808' },
  { list: {} },
  { type: 'DT_STRING' },
  { shape: {} },
  { s: '!!' },
];

/** Changes one place of the value, chosen at random on the way down; gives the changed copy. */
function mutate(value: unknown, next: () => number): unknown {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
  if (typeof value !== 'object' || value === null || next() < 0.08) return pick(nasty);
  const keys = Object.keys(value);
  const key = pick(keys);
  if (key === undefined) return pick(nasty);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<
    string,
    unknown
  >;
  const kind = next();
  if (kind < 0.06) delete copy[key];
  else if (kind < 0.12) copy[key] = copy[pick(keys) ?? key];
  else copy[key] = mutate(copy[key], next);
  return copy;
}

/** Errors other than the importer's own fail the test, with what is needed to repeat them. */
function attempt(model: TfjsModel, label: string): boolean {
  try {
    importTfjs(model);
    return true;
  } catch (error) {
    assert.ok(error instanceof TfjsImportError, `${label}: ${String(error)}`);
    assert.ok(
      error.message.length < 8000,
      `${label}: a message of ${error.message.length} characters`,
    );
    JSON.stringify(error.details);
    return false;
  }
}

for (const [name, rounds] of [
  ['liveness', 300],
  ['antispoof', 150],
  ['emotion', 200],
  ['movenet-lightning', 25],
  ['handtrack', 25],
] as const) {
  test(`${name}: ${rounds} spoilt copies raise nothing but TfjsImportError`, async () => {
    const { json, weights } = await readHumanModel(name);
    const parsed = JSON.parse(json.toString('utf8')) as object;
    const next = seeded(name.length * 7919);
    const outcomes = { imported: 0, refused: 0 };
    for (let i = 0; i < rounds; i += 1) {
      let spoilt: unknown = parsed;
      for (let m = 0; m <= i % 3; m += 1) spoilt = mutate(spoilt, next);
      const shard =
        i % 5 === 0 ? weights.subarray(0, Math.floor(next() * weights.length)) : weights;
      const modelJson = typeof spoilt === 'object' && spoilt !== null ? spoilt : { spoilt };
      outcomes[attempt({ modelJson, shards: [shard] }, `${name} ${i}`) ? 'imported' : 'refused'] +=
        1;
    }
    assert.ok(outcomes.refused > rounds / 10, JSON.stringify(outcomes));
  });
}

test('300 spoilt bytes of a model.json raise nothing but TfjsImportError', async () => {
  const { json, weights } = await readHumanModel('liveness');
  const next = seeded(42);
  for (let i = 0; i < 300; i += 1) {
    const spoilt = Buffer.from(json);
    for (let m = 0; m <= i % 4; m += 1)
      spoilt[Math.floor(next() * spoilt.length)] = Math.floor(next() * 256);
    attempt({ modelJson: spoilt, shards: [weights] }, `byte ${i}`);
  }
});
