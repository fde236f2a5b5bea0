import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { ZipFile } from 'yazl';
import { importerFor } from '../../../src/worker/importing/importers.ts';
import { visionUpload } from '../../../src/worker/importing/vision/vision-import.ts';
import { tinyModel, type } from '../../import/tfjs/tiny-model.ts';

async function archive(...members: readonly string[]): Promise<Buffer<ArrayBuffer>> {
  const zip = new ZipFile();
  for (const name of members) zip.addBuffer(Buffer.from(name), name);
  zip.end();
  return await buffer(zip.outputStream as Readable);
}

async function upload(t: TestContext, files: Readonly<Record<string, Uint8Array | string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-formats-'));
  t.after(async () => await rm(folder, { recursive: true }));
  const named = Object.entries(files).map(([name, content], index) => ({
    name,
    path: join(folder, String(index)),
    content,
  }));
  for (const { path, content } of named) await writeFile(path, content);
  return {
    files: named.map(({ name, path }) => ({ name, path })),
    output: join(folder, 'output'),
    stepsOutput: join(folder, 'steps'),
    metadata: {},
    processBytes: 1e9,
  };
}

test('an OpenVINO IR is answered with what to do, as files and in an archive', async (t) => {
  const members = ['best_openvino_model/best.xml', 'best_openvino_model/best.bin'];
  for (const files of [
    { 'best.zip': await archive('best_openvino_model/metadata.yaml', ...members) },
    { 'best.xml': '<net>', 'best.bin': 'weights' },
  ])
    await assert.rejects(visionUpload(await upload(t, files)), {
      code: 'MODEL_INVALID',
      message: /OpenVINO IR.*yolo export model=best\.pt format=onnx/,
    });
});

test('an archive with an ONNX file in it is to be unpacked', async (t) => {
  const files = { 'run.zip': await archive('run/best.onnx', 'run/args.yaml') };
  await assert.rejects(visionUpload(await upload(t, files)), {
    code: 'MODEL_INVALID',
    message: /"run\/best\.onnx".*unpack it/,
  });
});

test('archives that are models, or damaged, are left to their importers', async (t) => {
  const whole = await archive('schema.json', 'model.npy');
  for (const bytes of [whole, whole.subarray(0, 40), Buffer.alloc(0)]) {
    const { files } = await visionUpload(await upload(t, { 'model.skops': bytes }));
    assert.equal(files.length, 1);
  }
});

test('a TensorFlow.js graph model is told by its JSON and converted with its weights', async (t) => {
  const { json, weights } = tinyModel(
    { input: { dtype: 'float32', shape: [1, 2] } },
    { W: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } },
    [
      {
        name: 'product',
        op: 'MatMul',
        input: ['input', 'W'],
        attr: { T: type('float32') },
      },
    ],
  );
  const [shard = ''] = json.weightsManifest.flatMap(({ paths }) => paths);
  const { files } = await upload(t, { [shard]: weights, 'Model.json': JSON.stringify(json) });
  const importer = await importerFor(files);
  assert.equal(importer?.format, 'tfjs');
  const { format, model, declared } = await importer.convert(files);
  assert.equal(format, 'tfjs');
  assert.ok(model instanceof Uint8Array && model.length > 0);
  assert.deepEqual(
    [declared.inputs.map(({ name }) => name), declared.outputs.map(({ name }) => name)],
    [['input'], ['product']],
  );
  await assert.rejects(importer.convert(files.filter(({ name }) => name !== shard)), {
    code: 'MODEL_INVALID',
  });
  const other = await upload(t, { 'trees.json': '{"learner": {}, "version": [2, 0, 0]}' });
  assert.notEqual((await importerFor(other.files))?.format, 'tfjs');
});
