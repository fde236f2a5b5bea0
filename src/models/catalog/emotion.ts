import type { ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * Seven emotions of a face: mini-Xception on FER-2013. One run takes about 2 ms on one core.
 */
export const emotion: ModelManifest = {
  name: 'emotion',
  version: '3.3.6',
  task: 'face-emotion',
  description: 'Mini-Xception, 64 x 64 gray: seven emotions.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human@3.3.6/models/emotion.json',
      sha256: '6c5aaece0890cbb9c22c2a3f80f0b28e041d04926f3737c49ebdbdf8d65e8e56',
      bytes: 830_631,
    },
  ],
  licence: { spdx: 'MIT', holder: 'Octavio Arriaga (weights), Vladimir Mandic (package)' },
  origin: 'https://github.com/oarriaga/face_classification',
  input: {
    name: 'input_1',
    layout: 'nhwc',
    width: 64,
    height: 64,
    channels: 'gray',
    mean: [127.5, 127.5, 127.5],
    std: [127.5, 127.5, 127.5],
    fit: 'stretch',
    pad: 0,
  },
  output: { decoder: 'classes', scores: 'Identity', activation: 'none' },
  labels: ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'],
  thresholds: { score: 0.5, iou: 0.5 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};
