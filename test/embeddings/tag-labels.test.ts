import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultLabels } from '../../src/embeddings/default-labels.ts';
import { readTagLabels } from '../../src/embeddings/tag-labels.ts';

test('labels stand one a line, each once; without a file there are some', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-labels-'));
  t.after(async () => rm(folder, { recursive: true }));
  const write = async (text: string): Promise<string> => {
    const file = join(folder, 'labels.txt');
    await writeFile(file, text);
    return file;
  };
  const file = await write('# animals\r\na cat\n\n  a dog, sleeping \na cat\n');
  assert.deepEqual(readTagLabels(file), ['a cat', 'a dog, sleeping']);
  assert.equal(readTagLabels(undefined), defaultLabels);
  assert.equal(new Set(defaultLabels).size, defaultLabels.length);
  await write('# nothing\n');
  assert.throws(() => readTagLabels(file), /0 labels/);
  await write(Array.from({ length: 1001 }, (_, index) => `label ${index}`).join('\n'));
  assert.throws(() => readTagLabels(file), /1001 labels/);
  await write('x'.repeat(201));
  assert.throws(() => readTagLabels(file), /201 characters/);
  assert.throws(() => readTagLabels(join(folder, 'none.txt')), /ENOENT/);
});
