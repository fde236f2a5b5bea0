import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { servingCase } from '../support/serving-cases.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { treeRegressor } from '../support/tabular-models.ts';
import { goldenCase, pictureModel } from '../support/vision-models.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const run = promisify(execFile);

describe('fovea models push, list, versions, rollback', { concurrency: false }, () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    server = await startTestServer();
    folder = await mkdtemp(join(tmpdir(), 'fovea-push-'));
    await writeFile(join(folder, 'tree.onnx'), treeRegressor());
    await writeFile(join(folder, 'junk.onnx'), 'junk');
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const fovea = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [main, 'models', ...args, '--server', server.url])).stdout;

  it('uploads, lists and rolls back', async () => {
    const file = join(folder, 'tree.onnx');
    assert.match(
      await fovea('push', file, '--name', 'tree', '--description', 'A tree.'),
      /^tree v1 \([0-9a-f-]{36}\)\n {2}made with {2}onnx\n {2}takes {6}X: float32 \[N, 1\]\n/,
    );
    assert.match(await fovea('push', file, '--name', 'tree'), /^tree v2 /);
    assert.match(await fovea('push', file, '--name', 'tree', '--no-default'), /^tree v3 /);
    assert.match(await fovea('list'), /^tree +v2 +default +active +onnx/m);
    assert.equal((await fovea('versions', 'tree')).match(/^tree +v\d/gm)?.length, 3);
    assert.equal(await fovea('rollback', 'tree'), 'tree v1 answers now\n');
    assert.equal(await fovea('rollback', 'tree', '3'), 'tree v3 answers now\n');
    assert.match(await fovea('purge', 'tree', '1'), /would delete v1 of tree \(.*\) for good/);
    assert.match(await fovea('purge', 'tree', '1', '--yes'), /^deleted v1 of tree/);
    assert.match(await fovea('versions', 'tree'), /^tree +v1 +archived/m);
    assert.match(await fovea('purge', 'tree'), /would delete v3, v2 of tree/);
  });

  it('says of a detector what its file does not', async () => {
    const { tensors } = goldenCase('yolov5 at 0.25');
    const file = join(folder, 'best.onnx');
    const labels = join(folder, 'classes.txt');
    await writeFile(file, pictureModel(tensors));
    await writeFile(labels, 'helmet\nvest\nfire\n');
    const push = ['push', file, '--name', 'hazards', '--task', 'detect', '--labels', labels];
    await assert.rejects(fovea(...push), /layout.*yolov5/);
    assert.match(await fovea(...push, '--layout', 'yolov7'), /^hazards v1 /);
    const exported = join(folder, 'best_openvino_model');
    await mkdir(exported);
    for (const name of ['best.xml', 'best.bin']) await writeFile(join(exported, name), '');
    await assert.rejects(
      fovea('push', exported, '--name', 'hazards'),
      /OpenVINO IR.*yolo export model=best\.pt format=onnx/,
    );
  });

  it('proves a model by samples, and prints what it takes', async () => {
    const { files, inputs, predictions, probabilities } = servingCase('categories');
    const model = join(folder, 'people.pkl');
    const samples = join(folder, 'samples.json');
    await writeFile(model, Buffer.from(files[0]?.bytes ?? '', 'base64'));
    await writeFile(samples, JSON.stringify({ inputs, predictions, probabilities }));
    const said = await fovea('push', model, '--name', 'people', '--samples', samples);
    assert.match(said, /made with {2}sklearn, scikit-learn 1\.5\.2, classifier/);
    assert.match(said, /takes {6}sex: category "female", "male"\n/);
    assert.match(said, /fare: number\n/);
    assert.match(said, /answers {4}no, yes, with probabilities\n/);
    assert.match(said, /samples {4}8 rows answered as they say/);
  });

  it('says what the server says', async () => {
    const refused = fovea('push', join(folder, 'junk.onnx'), '--name', 'junk');
    await assert.rejects(refused, { code: 1, stderr: /no ONNX model.*\(MODEL_INVALID\)/ });
    await assert.rejects(fovea('rollback', 'nobody'), { stderr: /no model nobody/ });
    await assert.rejects(fovea('push', join(folder, 'nothing'), '--name', 'x'), {
      stderr: /no file/,
    });
    const away = run(process.execPath, [main, 'models', 'list', '--server', 'http://127.0.0.1:1']);
    await assert.rejects(away, { stderr: /no server at/ });
  });
});
