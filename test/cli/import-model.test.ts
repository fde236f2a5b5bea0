import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { flag, tinyModel, type, type TinyModel } from '../import/tfjs/tiny-model.ts';
import { assertError, form, photo, startTestServer } from '../support/server.ts';
import { runFovea } from './process.ts';

/**
 * A TensorFlow.js graph model that tells by its mean colour what a picture is: softmax(mean(image) W).
 * `input` [1, 8, 8, 3] in 0..1; classes reddish, greenish, bluish.
 */
function meanColourModel(): TinyModel {
  return tinyModel(
    { input: { dtype: 'float32', shape: [1, 8, 8, 3] } },
    {
      axes: { dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) },
      W: {
        dtype: 'float32',
        shape: [3, 3],
        data: Float32Array.of(10, -5, -5, -5, 10, -5, -5, -5, 10),
      },
    },
    [
      {
        name: 'mean',
        op: 'Mean',
        input: ['input', 'axes'],
        attr: { T: type('float32'), Tidx: type('int32'), keep_dims: flag(false) },
      },
      {
        name: 'product',
        op: 'MatMul',
        input: ['mean', 'W'],
        attr: { T: type('float32'), transpose_a: flag(false), transpose_b: flag(false) },
      },
      { name: 'scores', op: 'Softmax', input: ['product'], attr: { T: type('float32') } },
    ],
  );
}

describe('fovea models import', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-import-'));
    const { json, weights } = meanColourModel();
    await mkdir(join(folder, 'colours'));
    await writeFile(join(folder, 'colours/model.json'), JSON.stringify(json));
    await writeFile(join(folder, 'colours/weights.bin'), weights);
    await writeFile(join(folder, 'labels.txt'), 'reddish\ngreenish\nbluish\n');
  });
  after(async () => await rm(folder, { recursive: true }));
  const models = { FOVEA_MODELS_DIR: 'models' };
  const importModel = (...args: string[]): ReturnType<typeof runFovea> =>
    runFovea(['models', 'import', ...args], models, folder);

  it('brings a graph model, which then classifies over HTTP', async () => {
    const { code, stdout, stderr } = await importModel(
      'colours/model.json',
      '--task',
      'image-classification',
      '--labels',
      'labels.txt',
      '--licence',
      'MIT',
    );
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^colours 1 is in .* \(3 classes, digest [0-9a-f]{12}\); it loads and runs\.$/m,
    );
    assert.match(
      (await runFovea(['models'], models, folder)).stdout,
      /^colours +1 +image-classification +present .* MIT/m,
    );

    const server = await startTestServer({
      FOVEA_MODELS_DIR: join(folder, 'models'),
      FOVEA_WORKERS: '1',
    });
    try {
      const response = await server.fetch('/api/v1/classify?top=2', {
        method: 'POST',
        body: form(await photo('coffee.png')),
      });
      assert.equal(response.status, 200, await response.clone().text());
      const { classes, models: used } = (await response.json()) as {
        classes: { label: string; class_id: number; score: number }[];
        models: { name: string; inference_ms: number }[];
      };
      assert.equal(classes.length, 2);
      assert.deepEqual(
        [classes[0]?.label, classes[0]?.class_id],
        ['reddish', 0],
        'coffee is brown',
      );
      assert.ok((classes[0]?.score ?? 0) > (classes[1]?.score ?? 1));
      assert.equal(used[0]?.name, 'colours');
      assert.ok((used[0]?.inference_ms ?? 0) > 0);
      await assertError(
        await server.fetch('/api/v1/classify?model=nothing', {
          method: 'POST',
          body: form(await photo('coffee.png')),
        }),
        404,
        'MODEL_NOT_FOUND',
      );
    } finally {
      await server.close();
    }
  });

  it('keeps nothing of a model that is not what was said of it', async () => {
    const wrong = await importModel(
      'colours/model.json',
      '--task',
      'object-detection',
      '--labels',
      'labels.txt',
      '--name',
      'liar',
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /does not do what was said of it/);
    assert.doesNotMatch((await runFovea(['models'], models, folder)).stdout, /liar/);
    await writeFile(join(folder, 'two.txt'), 'one\ntwo\n');
    const labels = await importModel(
      'colours/model.json',
      '--task',
      'image-classification',
      '--labels',
      'two.txt',
      '--name',
      'two',
    );
    assert.equal(labels.code, 1);
    assert.match(
      labels.stderr,
      /scores of the model is \[1, 3\]; the manifest needs \[n, 2\]\. Nothing/,
    );
  });

  it('says what is wrong with a file or a call', async () => {
    await mkdir(join(folder, 'broken'), { recursive: true });
    await writeFile(
      join(folder, 'broken/model.json'),
      '{"format": "layers-model", "modelTopology": {"model_config": {}}, "weightsManifest": []}',
    );
    const layers = await importModel(
      'broken/model.json',
      '--task',
      'image-classification',
      '--labels',
      'labels.txt',
    );
    assert.equal(layers.code, 1);
    assert.match(layers.stderr, /graph/);
    const { json } = meanColourModel();
    await writeFile(
      join(folder, 'broken/model.json'),
      JSON.stringify(json).replace('weights.bin', '../colours/weights.bin'),
    );
    assert.match(
      (
        await importModel(
          'broken/model.json',
          '--task',
          'image-classification',
          '--labels',
          'labels.txt',
        )
      ).stderr,
      /outside the model's folder/,
    );
    assert.match(
      (
        await importModel(
          'missing.json',
          '--task',
          'image-classification',
          '--labels',
          'labels.txt',
        )
      ).stderr,
      /missing\.json of the model is missing/,
    );
    assert.match(
      (await importModel('colours/model.json', '--task', 'cooking', '--labels', 'labels.txt'))
        .stderr,
      /Allowed choices are object-detection, image-classification/,
    );
    assert.match(
      (await importModel('colours/model.json', '--task', 'image-classification')).stderr,
      /--labels/,
    );
  });
});
