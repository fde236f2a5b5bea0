import assert from 'node:assert/strict';
import { access, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { ModelFiles, type Staging } from '../../src/models/model-files.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-files-'));
});
after(async () => await rm(folder, { recursive: true }));

const there = async ({ directory }: Staging): Promise<boolean> =>
  await access(directory).then(
    () => true,
    () => false,
  );

it('removes uploads that nobody goes on with, and none that another server receives now', async () => {
  const files = new ModelFiles(folder);
  await files.clean();
  const old = new Date(Date.now() - 2 * 3_600_000);
  const staged = async (written: Date): Promise<Staging> => {
    const staging = await files.stage();
    const path = files.stagedPath(staging, 'model.onnx');
    await writeFile(path, 'some bytes');
    await utimes(path, written, written);
    await utimes(staging.directory, old, old);
    return staging;
  };
  const [left, slow, fresh] = [await staged(old), await staged(new Date()), await files.stage()];
  await files.clean();
  assert.deepEqual(await Promise.all([left, slow, fresh].map(there)), [false, true, true]);
});
