import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { golden } from './golden.ts';

const src = join(import.meta.dirname, '../../../src');
const modules = join(src, '../node_modules');

it('the example of the README runs in any Node program: two folders and one package', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-separable-'));
  try {
    const home = join(folder, 'import/sklearn');
    await cp(join(src, 'import/sklearn'), home, { recursive: true });
    await cp(join(src, 'onnx'), join(folder, 'onnx'), { recursive: true });
    await mkdir(join(folder, 'node_modules/@bufbuild'), { recursive: true });
    const protobuf = '@bufbuild/protobuf';
    await symlink(join(modules, protobuf), join(folder, 'node_modules', protobuf));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const readme = await readFile(join(home, 'README.md'), 'utf8');
    const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const [, place = ''] = /readFile\('([^']+)'\)/.exec(example) ?? [];
    const model = golden()[0]?.cases.find(({ family }) => family === 'linear');
    assert.ok(model);
    await writeFile(join(home, place), model.bytes);
    await writeFile(
      join(home, 'example.ts'),
      `${example}\nprocess.stdout.write(JSON.stringify([onnx.length, signature.inputs, report.nodes]));`,
    );
    const options = { cwd: home, env: {}, timeout: 240_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['example.ts'], options);
    const [bytes, inputs, nodes] = JSON.parse(stdout) as [number, { tensor: string }[], number];
    assert.ok(bytes > 300 && nodes > 2, stdout);
    assert.equal(inputs[0]?.tensor, 'X');
  } finally {
    await rm(folder, { recursive: true });
  }
});
