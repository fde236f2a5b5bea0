import type { ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * Whether a face is one or a picture of one: LivenessNet. One run takes about 0.3 ms on one core.
 */
export const liveness: ModelManifest = {
  name: 'liveness',
  version: '3.3.6',
  task: 'face-liveness',
  description: 'LivenessNet, 32 x 32: a live face, or a picture of one.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human@3.3.6/models/liveness.json',
      sha256: '176fa86043e1a970cea9c476cfbafb1727504beaa90190bebe56ac40bbd3215a',
      bytes: 601_784,
    },
  ],
  licence: {
    spdx: 'MIT',
    holder: 'Vladimir Mandic (package); trained by leokwu, whose repository states no licence',
  },
  origin: 'https://github.com/leokwu/livenessnet',
  input: {
    name: 'conv2d_1_input',
    layout: 'nhwc',
    width: 32,
    height: 32,
    channels: 'rgb',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    fit: 'stretch',
    pad: 0,
  },
  output: { decoder: 'classes', scores: 'Identity', activation: 'none' },
  labels: ['live', 'spoof'],
  thresholds: { score: 0.5, iou: 0.5 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};
