import type { ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * Age, gender and a descriptor of a face, by one MobileNet. One run takes about 15 ms on one core.
 */
export const faceres: ModelManifest = {
  name: 'faceres',
  version: '3.3.6',
  task: 'face-attributes',
  description: 'HSE-FaceRes, 224 x 224: age, gender and a descriptor of 1,024 numbers.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human@3.3.6/models/faceres.json',
      sha256: '8e2fd6d26c8d22424f94783c755646edd5eba517c1bf67bdbf231bbd18912551',
      bytes: 13_953_258,
    },
  ],
  licence: {
    spdx: 'MIT',
    holder: 'Vladimir Mandic (package); trained by Andrey Savchenko, HSE University',
  },
  origin: 'https://github.com/HSE-asavchenko/HSE_FaceRec_tf',
  input: {
    name: 'input_1',
    layout: 'nhwc',
    width: 224,
    height: 224,
    channels: 'rgb',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'stretch',
    pad: 0,
  },
  output: {
    decoder: 'age-gender',
    age: 'age_pred/Softmax',
    gender: 'gender_pred/Sigmoid',
    descriptor: 'global_pooling/Mean',
  },
  // On the pairs of test/faces/real-faces.test.ts: the same person 0.70 and more, others 0.51 and less.
  thresholds: { score: 0.5, iou: 0.5, match: 0.6 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};
