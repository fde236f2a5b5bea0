import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFaceModel } from '../../../src/import/faces/describe-face-model.ts';
import { decodeModel } from '../../../src/onnx/decode-model.ts';
import {
  detectorModel,
  faceModels,
  vectorModel,
  type FaceModelName,
} from '../../support/face-models.ts';

function described(name: FaceModelName) {
  const found = describeFaceModel(decodeModel(faceModels[name]()));
  assert.ok(found, name);
  return found;
}

describe('describeFaceModel', () => {
  it('knows every layout for what it is', () => {
    const tasks = Object.keys(faceModels).map((name) => [
      name,
      described(name as FaceModelName).task,
    ]);
    assert.deepEqual(Object.fromEntries(tasks), {
      'scrfd-9': 'face-detection',
      'scrfd-9-batched': 'face-detection',
      'scrfd-9-fixed': 'face-detection',
      'scrfd-6': 'face-detection',
      'scrfd-10': 'face-detection',
      'scrfd-15': 'face-detection',
      arcface: 'face-embedding',
      'arcface-mxnet': 'face-embedding',
      'arcface-128': 'face-embedding',
      genderage: 'face-attributes',
      'genderage-plain': 'face-attributes',
      '2d106det': 'face-landmarks',
      '1k3d68': 'face-landmarks',
      inswapper: 'face-swap',
    });
  });

  it('looks twice with a detector whose size is free, once with one whose size is fixed', () => {
    const free = described('scrfd-9').input;
    assert.deepEqual(
      [free.width, free.height, free.passes],
      [640, 640, [{ width: 128, height: 128 }]],
    );
    const fixed = described('scrfd-6').input;
    assert.deepEqual([fixed.width, fixed.height, fixed.passes], [256, 320, undefined]);
  });

  it('names outputs by stride: scores, boxes, points', () => {
    const { output } = described('scrfd-15');
    assert.ok(output.decoder === 'scrfd');
    assert.deepEqual(output.scales.at(-1), {
      stride: 128,
      anchors: 1,
      scores: 'score_128',
      boxes: 'bbox_128',
      points: 'kps_128',
    });
  });

  it('tells from the first nodes whether the graph normalises', () => {
    const means = (['arcface', 'arcface-mxnet', 'genderage', 'genderage-plain'] as const).map(
      (name) => [described(name).input.mean[0], described(name).input.std[0]],
    );
    assert.deepEqual(means, [
      [127.5, 127.5],
      [0, 1],
      [0, 1],
      [127.5, 128],
    ]);
  });

  it('keeps a fixed batch', () => {
    assert.deepEqual(
      (['arcface', 'arcface-mxnet'] as const).map((name) => described(name).input.batch),
      [undefined, 1],
    );
  });

  it('does not guess: other numbers of outputs or sizes are no face models', () => {
    const strange = [
      detectorModel({
        seed: 1,
        strides: [8, 16, 32, 64],
        anchors: 2,
        points: true,
        batched: false,
      }),
      vectorModel({ seed: 1, side: 80, values: 512 }),
      vectorModel({ seed: 1, side: 96, values: 4 }),
      vectorModel({ seed: 1, side: 192, values: 213 }),
      vectorModel({ seed: 1, side: 160, values: 512 }),
    ];
    for (const bytes of strange) assert.equal(describeFaceModel(decodeModel(bytes)), undefined);
  });
});
