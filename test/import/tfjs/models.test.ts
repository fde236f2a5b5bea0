import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { decodeModel } from '../../../src/onnx/decode-model.ts';
import { importerVersion, importTfjs } from '../../../src/import/tfjs/import-tfjs.ts';
import { assertAgrees } from './agreement.ts';
import { humanModelFolder, humanModels, photoFor, photos, readHumanModel } from './human-models.ts';
import { runImported } from './imported.ts';
import { loadOriginal, runOriginal, useBackend } from './oracle.ts';

/**
 * Raw outputs on real photos against TensorFlow.js: no element differs by more than 1e-4 of the output's
 * largest magnitude, and none that reaches 10 % of that by more than 5e-4 of its own. The two back ends of
 * TensorFlow.js differ from each other by as much (centernet's `wh` on the rocket: 4.4e-5 and 3.5e-4, where the
 * imported model is within 5.7e-6 and 3.1e-5 of the CPU back end).
 */
const tolerance = 1e-4;

for (const model of humanModels) {
  test(`${model.name}: the outputs of TensorFlow.js (${model.backend}) on real photos`, async () => {
    const { json, weights } = await readHumanModel(model.name);
    const { onnx, report } = importTfjs({ modelJson: json, shards: [weights] });
    await useBackend(model.backend);
    const original = await loadOriginal(JSON.parse(json.toString('utf8')), weights);
    const names = report.outputs.map((output) => output.name);
    const [input] = report.inputs;
    assert.ok(input);
    // The CPU back end takes 6 s for each.
    for (const photo of model.backend === 'cpu' ? photos.slice(0, 2) : photos) {
      const feeds = { [input.name]: await photoFor(model, input, photo) };
      const expected = await runOriginal(original, feeds, names);
      const actual = await runImported(onnx, feeds, names);
      expected.forEach((value, i) => {
        const got = actual[i];
        assert.ok(got);
        assertAgrees(got, value, tolerance, `${photo}: ${names[i]}`);
      });
    }
    original.dispose();
  });
}

test('the same model gives the same bytes, and they say where they come from', async () => {
  const { json, weights } = await readHumanModel('facemesh');
  const once = importTfjs({ modelJson: json, shards: [weights] });
  const parsed = JSON.parse(json.toString('utf8')) as object;
  const again = importTfjs({ modelJson: parsed, shards: new Map([['facemesh.bin', weights]]) });
  assert.deepEqual(once.onnx, again.onnx);
  const { metadata, opsets, graph } = decodeModel(once.onnx);
  assert.equal(metadata.get('fovea.importer_version'), importerVersion);
  assert.ok((opsets.get('') ?? 0) <= 21);
  assert.equal(graph.nodes.length, once.report.nodes);
});

test('a convnet keeps one transpose, at its input', async () => {
  for (const name of ['faceres', 'facemesh', 'iris', 'handlandmark-lite']) {
    const { json, weights } = await readHumanModel(name);
    assert.equal(importTfjs({ modelJson: json, shards: [weights] }).report.transposes, 1, name);
  }
});

test('a batch that the model leaves open stays open', async () => {
  const { json, weights } = await readHumanModel('faceres');
  const { onnx, report } = importTfjs({ modelJson: json, shards: [weights] });
  const [input] = report.inputs;
  const [model] = humanModels.filter((m) => m.name === 'faceres');
  assert.ok(input && model);
  const pair = await Promise.all(photos.slice(0, 2).map((photo) => photoFor(model, input, photo)));
  const [a, b] = pair;
  assert.ok(a && b);
  const data = Float32Array.from([...a.data, ...b.data]);
  const feeds = { [input.name]: { ...a, shape: [2, 224, 224, 3], data } };
  const [both] = await runImported(onnx, feeds, ['global_pooling/Mean']);
  const [second] = await runImported(onnx, { [input.name]: b }, ['global_pooling/Mean']);
  assert.ok(both && second);
  assertAgrees({ ...second, data: both.data.subarray(1024) }, second, 1e-5, 'second of two');
});

test('outputs and input types can be chosen: what they do not need is left out', async () => {
  const { json, weights } = await readHumanModel('handtrack');
  const scores = 'StatefulPartitionedCall/Postprocessor/Slice';
  const { onnx, report } = importTfjs({
    modelJson: json,
    shards: [weights],
    options: {
      outputs: [scores],
      inputs: { input_tensor: { dtype: 'float32', shape: [1, 192, 256, 3] } },
    },
  });
  assert.ok(!decodeModel(onnx).graph.nodes.some((node) => node.opType === 'NonMaxSuppression'));
  assert.deepEqual(report.inputs[0]?.dtype, 'float32');
  const data = new Float32Array(192 * 256 * 3).fill(100);
  const [found] = await runImported(
    onnx,
    { input_tensor: { dtype: 'float32', shape: [1, 192, 256, 3], data } },
    [scores],
  );
  assert.deepEqual(found?.shape, report.outputs[0]?.shape);
});

test('every model that @vladmandic/human ships is among those compared', async () => {
  const files = await readdir(humanModelFolder);
  const shipped = files.filter((file) => file.endsWith('.bin')).map((file) => file.slice(0, -4));
  assert.deepEqual(shipped.sort(), humanModels.map(({ name }) => name).sort());
});
