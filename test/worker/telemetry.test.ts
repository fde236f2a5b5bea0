import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { childEnvironment } from '../../src/config.ts';
import { linearClassifier } from '../support/tabular-models.ts';

const run = promisify(execFile);

/** `mat-debug-<pid>.log` is what the telemetry client in ONNX Runtime 1.30 writes as soon as it is at work. */
test('ONNX Runtime in a worker collects nothing for its maker', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-telemetry-'));
  t.after(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const model = join(folder, 'model.onnx');
  await writeFile(model, linearClassifier());
  const session = import.meta.resolve('../../src/worker/session.ts');
  const script = `const { Session } = await import(${JSON.stringify(session)});
    const { inputNames } = await Session.open(${JSON.stringify(model)});
    process.stdout.write(inputNames.join());`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...childEnvironment(), TMPDIR: folder },
    timeout: 60_000,
  });
  assert.ok(stdout.length > 0, 'the model was loaded');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('mat-debug')),
    [],
  );
});
