import { createHash } from 'node:crypto';
import { encodeModel } from '../../onnx/encode-model.ts';
import { dataTypes } from '../../onnx/model.ts';
import type { Dimension, Graph, ValueInfo } from '../../onnx/model.ts';
import type { Value } from './emit/value.ts';
import { readModelJson } from './graph/model-json.ts';
import { readInterface } from './graph/signature.ts';
import type { InputOverride, Interface } from './graph/signature.ts';
import { graphError, readGraph } from './graph/tf-graph.ts';
import type { TfNode } from './graph/tf-graph.ts';
import { readWeights } from './graph/weights.ts';
import type { Shards, Weights } from './graph/weights.ts';
import type { ImportReport } from './import-report.ts';
import { defaultLimits } from './limits.ts';
import type { TfjsLimits } from './limits.ts';
import { findLoops, orderWithLoops, unrollLoop } from './translate/loop.ts';
import { refuseUnknown } from './translate/refuse-unknown.ts';
import { dimName, Translator, valueOf } from './translate/translator.ts';
import type { Environment } from './translate/translator.ts';

/** Rises whenever the same model may give other bytes; caches of imported models are keyed by it. */
export const importerVersion = '1';

/** The newest operators used are of opset 18 (Resize with axes, Reduce* with axes as input). */
const opset = 19;
const irVersion = 9;

export interface TfjsModel {
  /** `model.json`, as bytes or parsed. */
  readonly modelJson: Uint8Array | object;
  /** The weight files, by the path that weightsManifest names or in its order. */
  readonly shards: Shards;
  readonly options?: TfjsImportOptions;
}

export interface TfjsImportOptions {
  /** Input shapes that the model leaves open, or others than it states, by input name. */
  readonly inputs?: Readonly<Record<string, InputOverride>>;
  /**
   * Nodes (`name` or `name:1`) to give instead of the signature's outputs. What they don't need is left
   * out, such as post-processing that cannot be imported.
   */
  readonly outputs?: readonly string[];
  readonly limits?: Partial<TfjsLimits>;
}

export interface TfjsImport {
  readonly onnx: Uint8Array;
  readonly report: ImportReport;
}

/**
 * A TensorFlow.js graph model as an ONNX model of the same inputs, outputs, names and layouts (NHWC where
 * TensorFlow has NHWC), in float32. Reads bytes only; nothing of the model is run. The same model gives
 * the same bytes.
 * @throws TfjsImportError
 */
export function importTfjs(model: TfjsModel): TfjsImport {
  const limits = { ...defaultLimits, ...model.options?.limits };
  const json = readModelJson(model.modelJson, limits);
  const graph = readGraph(json.modelTopology.node);
  const overrides = new Map(Object.entries(model.options?.inputs ?? {}));
  const io = readInterface(json, graph, overrides, model.options?.outputs);
  const order = orderWithLoops(
    graph,
    io.outputs.map((output) => output.ref.node),
  );
  refuseUnknown(order);
  const weights = readWeights(json.weightsManifest, model.shards, limits);
  const sources = {
    weights: weights.byName,
    inputs: new Map(io.inputs.map((input) => [input.name, input])),
    readers: readerCounts(order, io),
  };
  const translator = new Translator(sources, limits);
  const env = translateAll(graph, order, io, translator, limits);
  return finish(io, env, translator, weights);
}

/** Inputs first, in the interface's order, then every node once its inputs are there; a loop as a whole. */
function translateAll(
  graph: ReadonlyMap<string, TfNode>,
  order: readonly TfNode[],
  io: Interface,
  translator: Translator,
  limits: TfjsLimits,
): Environment {
  const env: Environment = new Map();
  for (const input of io.inputs) {
    const node = graph.get(input.name);
    if (node) translator.translate(node, env);
  }
  const loops = findLoops(graph, order);
  const loopOf = new Map(
    [...loops.values()].flatMap((loop) => loop.nodes.map((node) => [node.name, loop])),
  );
  const lastOf = new Map([...loops.values()].map((loop) => [loop.nodes.at(-1)?.name, loop]));
  // What a loop reads from outside precedes its last node; what reads the loop may come before that.
  const waiting: TfNode[] = [];
  const flush = (): void => {
    for (const node of waiting.splice(0)) {
      if (node.inputs.every((ref) => env.has(ref.node))) translator.translate(node, env);
      else waiting.push(node);
    }
  };
  for (const node of order) {
    const loop = lastOf.get(node.name);
    if (!loop && !loopOf.has(node.name) && !env.has(node.name)) waiting.push(node);
    if (loop) unrollLoop(loop, env, translator, limits);
    flush();
  }
  const [stuck] = waiting;
  if (stuck) throw graphError(`${stuck.name} reads the inside of a loop`, stuck.name);
  return env;
}

function readerCounts(order: readonly TfNode[], io: Interface): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const refs = [...order.flatMap((node) => node.inputs), ...io.outputs.map((output) => output.ref)];
  for (const { node } of refs) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

function finish(
  io: Interface,
  env: Environment,
  translator: Translator,
  weights: Weights,
): TfjsImport {
  const { emitter } = translator;
  const values = io.outputs.map((output) => valueOf(output.ref, env, output.name));
  const sources = values.map((value) => emitter.plain(value));
  const batched = io.inputs.some((input) => input.shape[0] === -1);
  const outputs = io.outputs.map((output, i) => valueInfo(output.name, values[i], batched));
  const graph = emitter.builder.build('tfjs', outputs, sources);
  const onnx = encodeModel({
    irVersion,
    producerName: 'fovea',
    producerVersion: importerVersion,
    opsets: new Map([['', opset]]),
    metadata: new Map([
      ['fovea.importer', 'tfjs'],
      ['fovea.importer_version', importerVersion],
      ['fovea.source_format', 'tfjs-graph-model'],
    ]),
    graph,
    functionCount: 0,
  });
  return { onnx, report: report(io, values, graph, translator, weights, onnx) };
}

/** An unknown first dimension is the batch where the inputs have one; nothing is said of other unknown ones. */
function valueInfo(name: string, value: Value | undefined, batched: boolean): ValueInfo {
  const unknown = (axis: number): Dimension => (axis === 0 && batched ? dimName(0) : null);
  const shape = value?.shape.map((dim, axis) => (dim === -1 ? unknown(axis) : dim)) ?? [];
  return { name, dataType: dataTypes[value?.dtype ?? 'float32'], shape };
}

function report(
  io: Interface,
  values: readonly Value[],
  graph: Graph,
  translator: Translator,
  weights: Weights,
  onnx: Uint8Array,
): ImportReport {
  return {
    importerVersion,
    opset,
    sha256: createHash('sha256').update(onnx).digest('hex'),
    inputs: io.inputs.map(({ name, key, dtype, shape }) => ({
      name,
      key,
      dtype,
      shape,
      layout: layoutOf(shape),
    })),
    outputs: io.outputs.map(({ name, key }, i) => {
      const { dtype, shape } = values[i] ?? { dtype: 'float32', shape: [] };
      return { name, key, dtype, shape };
    }),
    nodes: graph.nodes.length,
    transposes: graph.nodes.filter((node) => node.opType === 'Transpose').length,
    cancelledTransposes: translator.emitter.reusedNchw,
    constants: graph.initializers.length,
    foldedNodes: translator.foldedNodes,
    quantisedWeights: weights.quantised,
    warnings: [...translator.emitter.warnings],
  };
}

/** Four axes that end in 1, 3 or 4 channels are an image, for who fills in a manifest. */
function layoutOf(shape: readonly number[]): 'nhwc' | 'nchw' | null {
  if (shape.length !== 4) return null;
  if ([1, 3, 4].includes(shape[3] ?? 0)) return 'nhwc';
  return [1, 3, 4].includes(shape[1] ?? 0) ? 'nchw' : null;
}
