import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { faceplugin, unpack } from './npm-package.ts';
import type { TestFaceModel } from './face-directory.ts';

/** MobileFaceNet in ArcFace's layout: the input is BGR, (v - 127.5) / 128, and its batch axis fixed. */
const manifest: ModelManifest = {
  name: 'faceplugin-feature',
  version: '0.0.1',
  task: 'face-embedding',
  description: 'Real weights for tests.',
  files: [
    {
      path: 'fr_feature.onnx',
      source: 'file:/test',
      sha256: '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581',
    },
  ],
  licence: { spdx: 'MIT', holder: 'gitguanqi' },
  origin: 'npm:faceplugin-face-recognition-js@0.0.1',
  input: {
    name: 'input',
    layout: 'nchw',
    width: 112,
    height: 112,
    channels: 'bgr',
    mean: [127.5, 127.5, 127.5],
    std: [128, 128, 128],
    fit: 'stretch',
    pad: 0,
    batch: 1,
    cut: { kind: 'template', template: 'arcface-112' },
  },
  output: { decoder: 'embedding', values: 'output', size: 512 },
  thresholds: { score: 0.5, iou: 0.5, match: 0.4 },
  group: 'vision',
  load: 'eager',
  warmup: 1,
};

/** 68 points in a gray square around the face, 0 to 1. */
const landmarks: ModelManifest = {
  ...manifest,
  name: 'faceplugin-landmark',
  task: 'face-landmarks',
  files: [
    {
      path: 'fr_landmark.onnx',
      source: 'file:/test',
      sha256: 'f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258',
    },
  ],
  input: {
    ...manifest.input,
    width: 64,
    height: 64,
    channels: 'gray',
    mean: [0, 0, 0],
    std: [256, 256, 256],
    cut: { kind: 'upright', context: 1.25 },
  },
  output: { decoder: 'landmarks', points: 'output', count: 68, dimensions: 2, span: 'unit' },
};

export async function facepluginFeature(): Promise<TestFaceModel> {
  const folder = await unpack(faceplugin);
  return { manifest, bytes: await readFile(join(folder, 'model/fr_feature.onnx')) };
}

export async function facepluginLandmarks(): Promise<TestFaceModel> {
  const folder = await unpack(faceplugin);
  return { manifest: landmarks, bytes: await readFile(join(folder, 'model/fr_landmark.onnx')) };
}
