import type { Dimension, Graph, Model, ValueInfo } from '../../onnx/model.ts';

/** What an ONNX file of the InsightFace family is, in the words of a model manifest. */
export interface FaceModelDescription {
  readonly task:
    | 'face-detection'
    | 'face-embedding'
    | 'face-attributes'
    | 'face-landmarks'
    | 'face-swap';
  readonly input: {
    readonly name: string;
    readonly layout: 'nchw';
    readonly width: number;
    readonly height: number;
    readonly channels: 'rgb';
    readonly mean: [number, number, number];
    readonly std: [number, number, number];
    readonly fit: 'top-left' | 'stretch';
    readonly pad: number;
    readonly resample?: 'linear';
    readonly passes?: { width: number; height: number }[];
    readonly batch?: number;
    readonly cut?:
      | { kind: 'upright'; context: number }
      | { kind: 'template'; template: 'arcface-112' | 'arcface-128' };
  };
  readonly output:
    | { decoder: 'scrfd'; scales: ScrfdScale[] }
    | { decoder: 'embedding'; values: string; size: number }
    | { decoder: 'gender-age'; values: string }
    | { decoder: 'landmarks'; points: string; count: number; dimensions: 2 | 3 }
    | { decoder: 'swapped-face'; picture: string; source: string; size: number };
}

interface ScrfdScale {
  stride: number;
  anchors: number;
  scores: string;
  boxes: string;
  points?: string;
}

/** Outputs of SCRFD and RetinaFace by their number: strides, anchors per cell, and whether there are points. */
const DETECTORS: ReadonlyMap<number, { strides: number[]; anchors: number; points: boolean }> =
  new Map([
    [6, { strides: [8, 16, 32], anchors: 2, points: false }],
    [9, { strides: [8, 16, 32], anchors: 2, points: true }],
    [10, { strides: [8, 16, 32, 64, 128], anchors: 1, points: false }],
    [15, { strides: [8, 16, 32, 64, 128], anchors: 1, points: true }],
  ]);
/** Sizes at which insightface (since 1.0) looks for faces when the input is free. */
const FREE_SIZE = 640;
const SMALL_PASS = 128;
/** Nodes among which insightface looks for those that normalise. */
const FIRST_NODES = 8;

/**
 * What the file is, by the rules of insightface's model_zoo: number of inputs and outputs, sizes, and whether its first
 * nodes normalise (as MXNet's exports do). Undefined for what is none of the family.
 */
export function describeFaceModel({ graph }: Model): FaceModelDescription | undefined {
  const own = graph.inputs.filter(({ name }) => !graph.initializers.some((t) => t.name === name));
  const [picture, second] = own;
  if (picture?.shape?.length !== 4) return undefined;
  if (second) return describeSwapper(picture, second, graph);
  if (graph.outputs.length >= 5) return describeDetector(picture, graph);
  const { width, height } = sizeOf(picture);
  const values = lastSize(graph.outputs[0]);
  if (graph.outputs.length !== 1 || values === undefined || width !== height) return undefined;
  if (width === 192) return describeLandmarks(picture, graph, values);
  if (width === 96 && values === 3) return describeAttributes(picture, graph);
  if (width !== undefined && width >= 112 && width % 16 === 0)
    return describeRecogniser(picture, graph, width, values);
  return undefined;
}

function describeDetector(picture: ValueInfo, graph: Graph): FaceModelDescription | undefined {
  const kind = DETECTORS.get(graph.outputs.length);
  if (!kind) return undefined;
  const { strides, anchors, points } = kind;
  const name = (index: number): string => graph.outputs[index]?.name ?? '';
  const { width, height } = sizeOf(picture);
  const fixed = width !== undefined && height !== undefined;
  return {
    task: 'face-detection',
    input: {
      ...pictureInput(picture, [127.5, 128]),
      width: width ?? FREE_SIZE,
      height: height ?? FREE_SIZE,
      fit: 'top-left',
      resample: 'linear',
      ...(fixed ? {} : { passes: [{ width: SMALL_PASS, height: SMALL_PASS }] }),
    },
    output: {
      decoder: 'scrfd',
      scales: strides.map((stride, index) => ({
        stride,
        anchors,
        scores: name(index),
        boxes: name(index + strides.length),
        ...(points ? { points: name(index + 2 * strides.length) } : {}),
      })),
    },
  };
}

function describeRecogniser(
  picture: ValueInfo,
  graph: Graph,
  side: number,
  size: number,
): FaceModelDescription | undefined {
  // ArcFace's template is known for multiples of these two sides.
  if (side % 112 !== 0 && side % 128 !== 0) return undefined;
  const template = side % 112 === 0 ? 'arcface-112' : 'arcface-128';
  return {
    task: 'face-embedding',
    input: {
      ...pictureInput(picture, normalises(graph, false) ? [0, 1] : [127.5, 127.5]),
      ...batchOf(picture),
      cut: { kind: 'template', template },
    },
    output: { decoder: 'embedding', values: graph.outputs[0]?.name ?? '', size },
  };
}

function describeAttributes(picture: ValueInfo, graph: Graph): FaceModelDescription {
  return {
    task: 'face-attributes',
    input: uprightInput(picture, graph),
    output: { decoder: 'gender-age', values: graph.outputs[0]?.name ?? '' },
  };
}

function describeLandmarks(
  picture: ValueInfo,
  graph: Graph,
  values: number,
): FaceModelDescription | undefined {
  const dimensions = values === 3309 ? 3 : 2;
  if (dimensions === 2 && values % 2 !== 0) return undefined;
  const points = graph.outputs[0]?.name ?? '';
  const count = dimensions === 3 ? 68 : values / 2;
  return {
    task: 'face-landmarks',
    input: uprightInput(picture, graph),
    output: { decoder: 'landmarks', points, count, dimensions },
  };
}

function describeSwapper(
  picture: ValueInfo,
  source: ValueInfo,
  graph: Graph,
): FaceModelDescription | undefined {
  const { width, height } = sizeOf(picture);
  const size = lastSize(source);
  const [output] = graph.outputs;
  if (width !== 128 || height !== 128 || size === undefined || !output) return undefined;
  return {
    task: 'face-swap',
    input: {
      ...pictureInput(picture, [0, 255]),
      cut: { kind: 'template', template: 'arcface-128' },
    },
    output: { decoder: 'swapped-face', picture: output.name, source: source.name, size },
  };
}

function uprightInput(picture: ValueInfo, graph: Graph): FaceModelDescription['input'] {
  return {
    ...pictureInput(picture, normalises(graph, true) ? [0, 1] : [127.5, 128]),
    ...batchOf(picture),
    cut: { kind: 'upright', context: 1.5 },
  };
}

function pictureInput(
  picture: ValueInfo,
  [mean, std]: readonly [number, number],
): FaceModelDescription['input'] {
  const { width = 1, height = 1 } = sizeOf(picture);
  return {
    name: picture.name,
    layout: 'nchw',
    width,
    height,
    channels: 'rgb',
    mean: [mean, mean, mean],
    std: [std, std, std],
    fit: 'stretch',
    pad: 0,
  };
}

/**
 * Whether the graph itself subtracts and multiplies first, by the names of its nodes, as insightface tells it.
 * @param byBatchNorm a node `bn_data` among the first three says so too
 */
function normalises({ nodes }: Graph, byBatchNorm: boolean): boolean {
  const names = nodes.slice(0, FIRST_NODES).map(({ name }) => name);
  if (byBatchNorm && names.slice(0, 3).includes('bn_data')) return true;
  const has = (...starts: string[]): boolean =>
    names.some((name) => starts.some((start) => name.startsWith(start)));
  return has('Sub', '_minus') && has('Mul', '_mul');
}

/** Files that were exported with a batch of 1 take no other. */
function batchOf({ shape }: ValueInfo): { batch?: number } {
  const batch = fixedSize(shape?.[0]);
  return batch === undefined ? {} : { batch };
}

function sizeOf({ shape }: ValueInfo): { width?: number; height?: number } {
  const [height, width] = [fixedSize(shape?.[2]), fixedSize(shape?.[3])];
  return { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
}

function lastSize(value: ValueInfo | undefined): number | undefined {
  return fixedSize(value?.shape?.at(-1));
}

function fixedSize(dimension: Dimension | undefined): number | undefined {
  return typeof dimension === 'number' && dimension > 0 ? dimension : undefined;
}
