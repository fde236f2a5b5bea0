import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

/** A tensor of either side, flat and row-major. A bool is 0 or 1. */
export interface Flat {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type Backend = 'wasm' | 'cpu';

export async function useBackend(backend: Backend): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(entry) + sep);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no back end ${backend}.`);
  await tf.ready();
}

interface ModelJson {
  readonly modelTopology: object;
  readonly signature?: object;
  readonly userDefinedMetadata?: Record<string, object>;
  readonly weightsManifest: readonly { readonly weights: readonly object[] }[];
}

/** TensorFlow.js's own reading of the same bytes. */
export async function loadOriginal(json: unknown, weights: Uint8Array): Promise<GraphModel> {
  const { modelTopology, signature, userDefinedMetadata, weightsManifest } = json as ModelJson;
  return loadGraphModel({
    load: () =>
      Promise.resolve({
        // TensorFlow.js reads the version without asking whether it is there.
        modelTopology: { versions: {}, ...modelTopology },
        ...(signature ? { signature } : {}),
        ...(userDefinedMetadata ? { userDefinedMetadata } : {}),
        format: 'graph-model',
        weightSpecs: weightsManifest.flatMap(
          (group) => group.weights,
        ) as tf.io.WeightsManifestEntry[],
        weightData: new Uint8Array(weights).buffer,
      }),
  });
}

/** Runs the original and gives the outputs asked for, in that order. */
export async function runOriginal(
  model: GraphModel,
  inputs: Readonly<Record<string, Flat>>,
  outputs: readonly string[],
): Promise<Flat[]> {
  const feeds = Object.entries(inputs).map(
    ([name, { data, shape, dtype }]) => [name, tf.tensor(data, [...shape], dtype)] as const,
  );
  const result = await model.executeAsync(Object.fromEntries(feeds), [...outputs]);
  const tensors = Array.isArray(result) ? result : [result];
  const flat = tensors.map(flatten);
  tf.dispose(tensors);
  for (const [, tensor] of feeds) tensor.dispose();
  return flat;
}

function flatten(tensor: tf.Tensor): Flat {
  const { dtype } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw new Error(`Output is ${dtype}.`);
  return { dtype, shape: tensor.shape, data: tensor.dataSync().slice() };
}
