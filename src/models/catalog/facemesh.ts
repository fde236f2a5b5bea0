import type { ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * 468 points on a face, with depth: MediaPipe Face Mesh. One run takes about 3 ms on one core. Its contours of lips
 * and eyes are left out: the mesh has those points.
 */
export const facemesh: ModelManifest = {
  name: 'facemesh',
  version: '3.3.6',
  task: 'face-mesh',
  description: 'MediaPipe Face Mesh, 192 x 192: 468 points in space.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human@3.3.6/models/facemesh.json',
      sha256: 'ef949f2d8810797654da6b5832973539c3b6ed3d7148db9f3ab1e6ff29db3bbc',
      bytes: 2_495_975,
    },
  ],
  licence: {
    spdx: 'Apache-2.0',
    holder: 'Google (weights, MediaPipe), converted by Vladimir Mandic (package, MIT)',
  },
  origin: 'https://github.com/google/mediapipe',
  input: {
    name: 'input_1',
    layout: 'nhwc',
    width: 192,
    height: 192,
    channels: 'rgb',
    mean: [0, 0, 0],
    std: [255, 255, 255],
    fit: 'stretch',
    pad: 0,
  },
  output: { decoder: 'points', points: 'Identity_2', count: 468, presence: 'Identity_1' },
  import: { outputs: ['Identity_2', 'Identity_1'] },
  thresholds: { score: 0.5, iou: 0.5 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};
