import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalog } from '../../src/models/catalog/index.ts';
import { centernet } from '../../src/models/catalog/centernet.ts';
import { emotion } from '../../src/models/catalog/emotion.ts';
import { facemesh } from '../../src/models/catalog/facemesh.ts';
import { faceres } from '../../src/models/catalog/faceres.ts';
import { modelManifest, modelTask } from '../../src/protocol/model-manifest.ts';
import { decoderFor } from '../../src/vision/decoders.ts';
import { boxesInSource } from '../../src/vision/detections-in-source.ts';

const output = (dims: readonly number[], data: readonly number[]) => ({
  dims,
  data: Float32Array.from(data),
});
const near = (found: number | undefined, wanted: number, tolerance = 1e-5) =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) <= tolerance, `${found} is not ${wanted}`);

describe('decoderFor', () => {
  it('has a decoder for every model of the catalog, by its task', () => {
    for (const manifest of catalog) {
      modelManifest.parse(manifest);
      assert.equal(typeof decoderFor(manifest.task, manifest), 'function');
    }
  });

  it('refuses a model for every other task, and a decoder that gives something else', () => {
    for (const task of modelTask.options) {
      if (task === centernet.task) continue;
      assert.throws(() => decoderFor(task, centernet), { code: 'MODEL_INVALID' }, task);
    }
    const lying = { ...centernet, output: emotion.output };
    assert.throws(() => decoderFor('object-detection', lying), {
      code: 'MODEL_INVALID',
      details: {
        task: 'object-detection',
        model_task: 'object-detection',
        decoder: 'classes',
        accepted: ['rows', 'yolo', 'nanodet', 'ssd', 'detr'],
      },
    });
  });
});

describe('decodeRows', () => {
  const decode = decoderFor('object-detection', centernet);
  const rows = (...values: number[][]) =>
    decode({ 'tower_0/detections': output([1, values.length, 6], values.flat()) });

  it('names classes, best first, and leaves out what is below the threshold or no number', () => {
    const found = rows(
      [10, 20, 30, 40, 0.5, 41],
      [1, 2, 3, 4, 0.29, 0],
      [1, 2, Number.NaN, 4, 0.9, 0],
      [1, 2, 3, 4, Number.NaN, 0],
      [100, 100, 300, 300, 0.75, 0],
    );
    assert.deepEqual(found, [
      { label: 'person', class_id: 0, score: 0.75, box: [100, 100, 300, 300] },
      { label: 'cup', class_id: 41, score: 0.5, box: [10, 20, 30, 40] },
    ]);
  });

  it('keeps one of several boxes on a thing, but things of different classes', () => {
    const found = rows(
      [0, 0, 100, 100, 0.5, 0],
      [2, 2, 102, 102, 0.75, 0],
      [0, 0, 100, 100, 0.625, 41],
      [90, 90, 200, 200, 0.375, 0],
    );
    assert.deepEqual(
      found.map(({ label, score }) => [label, score]),
      [
        ['person', 0.75],
        ['cup', 0.625],
        ['person', 0.375],
      ],
    );
  });

  it('takes a model that finds nothing', () => assert.deepEqual(rows(), []));

  it('refuses a class without a label, and outputs of another shape', () => {
    assert.throws(() => rows([0, 0, 1, 1, 0.9, 80]), { code: 'MODEL_INVALID' });
    assert.throws(() => rows([0, 0, 1, 1, 0.9, -1]), { code: 'MODEL_INVALID' });
    assert.throws(() => decode({}), {
      code: 'MODEL_INVALID',
      details: { output: 'tower_0/detections', found: 'missing', expected: '[n, 6]' },
    });
    const two = [0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0];
    for (const dims of [[2, 1, 6], [1, 6, 2], [12]])
      assert.throws(() => decode({ 'tower_0/detections': output(dims, two) }), {
        code: 'MODEL_INVALID',
      });
    // Some exports leave the batch out.
    assert.equal(decode({ 'tower_0/detections': output([2, 6], two) }).length, 1);
  });

  it('comes back from the letterbox, clipped; what is outside is dropped', () => {
    const transform = {
      scaleX: 0.5,
      scaleY: 0.5,
      offsetX: 0,
      offsetY: 64,
      width: 1024,
      height: 768,
    };
    const found = rows([-10, 100, 300, 500, 0.75, 0], [10, 0, 90, 60, 0.5, 41]);
    assert.deepEqual(
      boxesInSource(found, transform).map(({ label, box }) => [label, box]),
      [['person', [0, 72, 600, 768]]],
    );
  });
});

describe('decodeClasses', () => {
  const with_ = (activation: 'none' | 'softmax' | 'sigmoid', values: number[], dims = [1, 3]) =>
    decoderFor('face-emotion', {
      ...emotion,
      labels: ['a', 'b', 'c'],
      output: { decoder: 'classes', scores: 'x', activation },
    })({ x: output(dims, values) });

  it('sorts by probability, equal ones in the order of the labels', () => {
    assert.deepEqual(with_('none', [0.25, 0.5, 0.25]), [
      [
        { label: 'b', class_id: 1, score: 0.5 },
        { label: 'a', class_id: 0, score: 0.25 },
        { label: 'c', class_id: 2, score: 0.25 },
      ],
    ]);
  });

  it('makes probabilities of logits, however large', () => {
    const [soft = []] = with_('softmax', [1000, 1000 + Math.log(3), -1000]);
    assert.deepEqual(
      soft.map(({ label }) => label),
      ['b', 'a', 'c'],
    );
    near(soft[0]?.score, 0.75, 1e-4);
    near(soft[2]?.score, 0);
    const [each = []] = with_('sigmoid', [0, Math.log(3), -1000]);
    near(each[0]?.score, 0.75);
    near(each[1]?.score, 0.5);
    near(each[2]?.score, 0);
  });

  it('answers for every picture of a batch', () => {
    const found = with_('none', [1, 0, 0, 0, 0, 1], [2, 3]);
    assert.deepEqual(
      found.map(([best]) => best?.label),
      ['a', 'c'],
    );
  });

  it('refuses what is no number, another count than the labels, and a manifest without labels', () => {
    assert.throws(() => with_('none', [1, Number.NaN, 0]), { code: 'MODEL_INVALID' });
    assert.throws(() => with_('none', [1, 0], [1, 2]), { code: 'MODEL_INVALID' });
    const { labels: _, ...unlabelled } = emotion;
    assert.throws(() => decoderFor('face-emotion', unlabelled)({}), { code: 'MODEL_INVALID' });
  });
});

describe('decodeAgeGender', () => {
  const decode = (years: number[], male: number, descriptor: number[]) =>
    decoderFor(
      'face-attributes',
      faceres,
    )({
      'age_pred/Softmax': output([1, 100], years),
      'gender_pred/Sigmoid': output([1, 1], [male]),
      'global_pooling/Mean': output([1, 1024], descriptor),
    })[0];
  const zeros = (length: number) => Array.from({ length }, () => 0);

  it('takes the mean year, the likelier gender and the direction of the descriptor', () => {
    const years = zeros(100).with(20, 0.5).with(40, 0.25).with(60, 0.25);
    const found = decode(years, 0.25, zeros(1024).with(0, 3).with(1023, 4));
    near(found?.age, 35);
    assert.deepEqual(found?.gender, { label: 'female', score: 0.75 });
    near(found?.embedding?.[0], 0.6);
    near(found?.embedding?.[1023], 0.8);
    assert.deepEqual(decode(years, 0.75, zeros(1024))?.gender, { label: 'male', score: 0.75 });
  });

  it('gives no NaN for a model that says nothing', () => {
    const found = decode(zeros(100), 0.5, zeros(1024));
    assert.deepEqual([found?.age, found?.gender.label], [0, 'female']);
    assert.ok(found?.embedding?.every((value) => value === 0));
  });
});

describe('decodePoints', () => {
  it('groups by three, with the presence of each picture', () => {
    const data = Array.from({ length: 2 * 468 * 3 }, (_, index) => index);
    const found = decoderFor(
      'face-mesh',
      facemesh,
    )({
      Identity_2: output([2, 468 * 3], data),
      Identity_1: output([2, 1], [0.25, 0.75]),
    });
    assert.deepEqual(
      found.map(({ presence, points }) => [presence, points.length, points[1]]),
      [
        [0.25, 468, [3, 4, 5]],
        [0.75, 468, [1407, 1408, 1409]],
      ],
    );
  });
});
