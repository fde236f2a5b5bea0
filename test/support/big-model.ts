import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { constant, float, modelFile, node } from './tabular-models.ts';

const rows = 5_000;
const columns = 5_600;

/** A classifier of two classes that carries 112 MB of weights and needs them all. */
export function bigModel(): Buffer<ArrayBuffer> {
  const weights = Buffer.alloc(rows * columns * 4);
  // Bytes that nobody can compress, and floats that are small.
  for (let at = 0; at < weights.length; at += 4) weights.writeFloatLE(Math.sin(at) / 1e6, at);
  return modelFile({
    nodes: [
      node('ReduceMean', ['images'], ['mean'], [{ name: 'keepdims', kind: 'int', value: 0 }]),
      node('Mul', ['mean', 'ones'], ['row']),
      node('MatMul', ['row', 'weights'], ['wide']),
      node('ReduceMean', ['wide'], ['narrow'], [{ name: 'keepdims', kind: 'int', value: 0 }]),
      node('Mul', ['narrow', 'nothing'], ['zero']),
      node('Add', ['scores_values', 'zero'], ['scores']),
    ],
    initializers: [
      constant(
        'ones',
        Array.from({ length: rows }, () => 1),
        [1, rows],
      ),
      { ...constant('weights', [], [rows, columns]), raw: weights },
      constant('nothing', [0], []),
      constant('scores_values', [0.9, 0.1], [1, 2]),
    ],
    inputs: [float('images', [1, 3, 64, 64])],
    outputs: [float('scores', [1, 2])],
  });
}

/** Alone in its group, and loaded on first use. */
export function bigManifest(name: string, source: string): ModelManifest {
  return {
    name,
    version: '1',
    task: 'image-classification',
    description: 'A big classifier that always answers the same.',
    files: [{ path: 'model.onnx', source }],
    licence: { spdx: 'CC0-1.0', holder: 'nobody' },
    origin: 'made by the tests',
    input: {
      name: 'images',
      layout: 'nchw',
      width: 64,
      height: 64,
      channels: 'rgb',
      mean: [0, 0, 0],
      std: [255, 255, 255],
      fit: 'stretch',
      pad: 0,
    },
    output: { decoder: 'classes', scores: 'scores', activation: 'none' },
    labels: ['big', 'small'],
    thresholds: { score: 0.5, iou: 0.5 },
    group: name,
    load: 'lazy',
    warmup: 1,
  };
}
