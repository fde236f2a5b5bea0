import type { ModelManifest } from '../../protocol/model-manifest.ts';
import { cocoLabels } from './coco-labels.ts';

/**
 * Object detector of the 80 classes of COCO: CenterNet on MobileNetV3. One run takes about 60 ms on one core.
 * It finds more, and more surely, in pictures that are not stretched: the cat of photos/chelsea.png is a dog otherwise.
 */
export const centernet: ModelManifest = {
  name: 'centernet',
  version: '3.3.6',
  task: 'object-detection',
  description: 'CenterNet, MobileNetV3, 512 x 512: objects of the 80 classes of COCO.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human@3.3.6/models/centernet.json',
      sha256: 'a5ddb35e96c524e0c5e247cd180b28664f0a2e447de19dd6d9f39d3c924ecfbf',
      bytes: 8_282_986,
    },
  ],
  licence: {
    spdx: 'MIT',
    holder: 'Vladimir Mandic (package); trained by 610265158, whose repository states no licence',
  },
  origin: 'https://github.com/610265158/mobilenetv3_centernet',
  input: {
    name: 'tower_0/images',
    layout: 'nhwc',
    width: 512,
    height: 512,
    channels: 'rgb',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'letterbox',
    pad: 0,
  },
  output: { decoder: 'rows', boxes: 'tower_0/detections' },
  import: { outputs: ['tower_0/detections'] },
  labels: cocoLabels,
  thresholds: { score: 0.3, iou: 0.5 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};
