import { encodeModel } from '../../src/onnx/encode-model.ts';
import { GraphBuilder } from '../../src/onnx/graph-builder.ts';
import { dataTypes, type Dimension, type Graph } from '../../src/onnx/model.ts';
import { MEAN_HEAD_68 } from '../../src/vision/mean-head-68.ts';

/**
 * Models of the exact layouts of the InsightFace family with random weights from a seed: the same bytes every time.
 * They know nothing of faces, but react to every pixel.
 */

/** Park and Miller's generator: -1 to 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647) * 2 - 1;
  };
}

class Net {
  readonly builder = new GraphBuilder();
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  input(name: string, shape: readonly Dimension[]): string {
    return this.builder.addInput({ name, dataType: dataTypes.float32, shape });
  }

  floats(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    const raw = new Uint8Array(Float32Array.from(values).buffer);
    return this.builder.addConstant(name, 'float32', dims, raw);
  }

  weights(name: string, dims: readonly number[], scale: number): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    return this.floats(
      name,
      dims,
      Array.from({ length: count }, () => this.#random() * scale),
    );
  }

  add(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Parameters<GraphBuilder['addNode']>[4] = {},
  ): string {
    return this.builder.addNode(op, name, inputs, 1, attributes).outputs[0] ?? '';
  }

  conv(name: string, x: string, from: number, to: number, side: number, stride: number): string {
    const weights = this.weights(
      `${name}.w`,
      [to, from, side, side],
      Math.sqrt(3 / (from * side * side)),
    );
    const pad = side >> 1;
    return this.add('Conv', name, [x, weights, this.weights(`${name}.b`, [to], 0.1)], {
      kernel_shape: [side, side],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    });
  }

  pool(name: string, x: string, side: number): string {
    if (side === 1) return x;
    return this.add('AveragePool', name, [x], {
      kernel_shape: [side, side],
      strides: [side, side],
    });
  }

  shape(name: string, x: string, to: readonly number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(to, BigInt).buffer);
    const dims = this.builder.addConstant(`${name}.shape`, 'int64', [to.length], raw);
    return this.add('Reshape', name, [x, dims]);
  }

  file(
    outputs: readonly (readonly [name: string, shape: readonly Dimension[], source: string])[],
    last?: Graph['initializers'][number],
  ): Uint8Array {
    const graph = this.builder.build(
      'random',
      outputs.map(([name, shape]) => ({ name, dataType: dataTypes.float32, shape })),
      outputs.map(([, , source]) => source),
    );
    return encodeModel({
      irVersion: 8,
      producerName: 'random',
      producerVersion: '1',
      opsets: new Map([['', 13]]),
      metadata: new Map(),
      functionCount: 0,
      graph: last ? { ...graph, initializers: [...graph.initializers, last] } : graph,
    });
  }
}

interface DetectorLayout {
  readonly seed: number;
  readonly strides: readonly number[];
  readonly anchors: number;
  readonly points: boolean;
  readonly batched: boolean;
  /** Width and height; free when left out. */
  readonly size?: readonly [number, number];
  /** Added to the logits of the scores: the more, the more is found. */
  readonly bias?: number;
}

/** SCRFD: all scores, then all boxes, then all points. */
export function detectorModel({
  seed,
  strides,
  anchors,
  points,
  batched,
  size,
  bias = -3,
}: DetectorLayout): Uint8Array {
  const net = new Net(seed);
  const x = net.input('input.1', [1, 3, size?.[1] ?? '?', size?.[0] ?? '?']);
  const stem = net.add('Relu', 'stem.relu', [net.conv('stem', x, 3, 8, 3, 2)]);
  const heads = strides.map((stride) => {
    const pooled = net.pool(`pool${stride}`, stem, stride / 2);
    const mixed = net.add('Relu', `mix${stride}.relu`, [
      net.conv(`mix${stride}`, pooled, 8, 8, 3, 1),
    ]);
    const head = (name: string, values: number): string => {
      const raw = net.conv(`${name}${stride}`, mixed, 8, anchors * values, 1, 1);
      const last = net.add('Transpose', `${name}${stride}.t`, [raw], { perm: [0, 2, 3, 1] });
      return net.shape(`${name}${stride}.r`, last, batched ? [1, -1, values] : [-1, values]);
    };
    const by = (name: string, x: string, scale: number, shift: number): string =>
      net.add('Add', `${name}.add`, [
        net.add('Mul', `${name}.mul`, [x, net.floats(`${name}.scale`, [1], [scale])]),
        net.floats(`${name}.shift`, [1], [shift]),
      ]);
    const scores = net.add('Sigmoid', `score${stride}.s`, [
      by(`score${stride}`, head('score', 1), 6, bias),
    ]);
    const boxes = by(
      `box${stride}`,
      net.add('Relu', `box${stride}.relu`, [head('box', 4)]),
      2,
      1.3,
    );
    return { stride, scores, boxes, points: points ? head('point', 10) : '' };
  });
  const shape = (values: number): Dimension[] => (batched ? [1, '?', values] : ['?', values]);
  return net.file([
    ...heads.map(({ stride, scores }) => [`score_${stride}`, shape(1), scores] as const),
    ...heads.map(({ stride, boxes }) => [`bbox_${stride}`, shape(4), boxes] as const),
    ...(points ? heads.map((head) => [`kps_${head.stride}`, shape(10), head.points] as const) : []),
  ]);
}

interface VectorLayout {
  readonly seed: number;
  readonly side: number;
  readonly values: number;
  /** How the graph itself normalises, in MXNet's words; the caller does when left out. */
  readonly normalises?: 'sub-mul' | 'bn_data';
  readonly batch?: number;
  /** Added to every answer. */
  readonly bias?: readonly number[];
  readonly scale?: number;
}

/** A picture in, a row of numbers out: ArcFace, genderage, 2d106det, 1k3d68. */
export function vectorModel({
  seed,
  side,
  values,
  normalises,
  batch,
  bias,
  scale = 1,
}: VectorLayout): Uint8Array {
  const net = new Net(seed);
  let x = net.input('data', [batch ?? 'None', 3, side, side]);
  if (normalises === 'sub-mul') {
    x = net.add('Sub', 'Sub_0', [x, net.floats('mean', [1], [127.5])]);
    x = net.add('Mul', 'Mul_1', [x, net.floats('std', [1], [0.0078125])]);
  } else if (normalises === 'bn_data') {
    const three = (name: string, value: number): string =>
      net.floats(name, [3], [value, value, value]);
    x = net.add('BatchNormalization', 'bn_data', [
      x,
      three('gamma', 1),
      three('beta', 0),
      three('mean', 127.5),
      three('var', 16_384),
    ]);
  }
  x = net.add('Relu', 'first.relu', [net.conv('first', x, 3, 8, 3, 2)]);
  x = net.add('Relu', 'second.relu', [net.conv('second', x, 8, 8, 3, 2)]);
  x = net.pool('pool', x, 4);
  const features = 8 * (side / 16) ** 2;
  x = net.add('Flatten', 'flat', [x], { axis: 1 });
  x = net.add('Gemm', 'out', [
    x,
    net.weights('out.w', [features, values], (scale * 4) / Math.sqrt(features)),
    net.floats('out.b', [values], bias ?? Array.from({ length: values }, () => 0)),
  ]);
  return net.file([['fc1', [batch ?? 'None', values], x]]);
}

/** inswapper: a picture and 512 numbers in, a picture out, and a matrix that nothing uses at the end. */
export function swapModel(seed: number): Uint8Array {
  const net = new Net(seed);
  const target = net.input('target', [1, 3, 128, 128]);
  const source = net.input('source', [1, 512]);
  const style = net.shape(
    'style',
    net.add('MatMul', 'style.m', [source, net.weights('style.w', [512, 8], 3)]),
    [1, 8, 1, 1],
  );
  const seen = net.add('Relu', 'seen.relu', [net.conv('seen', target, 3, 8, 3, 1)]);
  const mixed = net.add('Add', 'mixed', [net.add('Mul', 'styled', [seen, style]), seen]);
  const painted = net.conv('paint', mixed, 8, 3, 3, 1);
  // A little beyond 0 and 1 at both ends, as the real one is.
  const loud = net.add('Mul', 'loud', [painted, net.floats('loudness', [1], [1.5])]);
  const output = net.add('Add', 'output.add', [loud, net.floats('grey', [1], [0.5])]);
  const random = randomOf(seed + 1);
  const emap = Float32Array.from({ length: 512 * 512 }, random);
  return net.file([['output', [1, 3, 128, 128], output]], {
    name: 'buff2fs',
    dataType: dataTypes.float32,
    dims: [512, 512],
    raw: new Uint8Array(emap.buffer),
  });
}

const three = [8, 16, 32];
const five = [8, 16, 32, 64, 128];

/** 1,103 points in space, the last 68 near the mean head. */
const spaceBias = [
  ...Array.from({ length: 3 * (1103 - 68) }, () => 0),
  ...MEAN_HEAD_68.flatMap(([x, y, z]) => [0.8 * x, 0.8 * y, 0.8 * z]),
];

/** One of each layout, by the file names that the fixtures know. */
export const faceModels = {
  'scrfd-9': () =>
    detectorModel({ seed: 11, strides: three, anchors: 2, points: true, batched: false }),
  'scrfd-9-batched': () =>
    detectorModel({ seed: 12, strides: three, anchors: 2, points: true, batched: true }),
  'scrfd-9-fixed': () =>
    detectorModel({
      seed: 13,
      strides: three,
      anchors: 2,
      points: true,
      batched: false,
      size: [320, 256],
      bias: -1,
    }),
  'scrfd-6': () =>
    detectorModel({
      seed: 14,
      strides: three,
      anchors: 2,
      points: false,
      batched: false,
      size: [256, 320],
    }),
  'scrfd-10': () =>
    detectorModel({
      seed: 15,
      strides: five,
      anchors: 1,
      points: false,
      batched: true,
      size: [256, 256],
      bias: -1,
    }),
  'scrfd-15': () =>
    detectorModel({
      seed: 16,
      strides: five,
      anchors: 1,
      points: true,
      batched: false,
      size: [640, 640],
    }),
  arcface: () => vectorModel({ seed: 21, side: 112, values: 512 }),
  'arcface-mxnet': () =>
    vectorModel({ seed: 22, side: 112, values: 512, normalises: 'sub-mul', batch: 1 }),
  'arcface-128': () => vectorModel({ seed: 23, side: 128, values: 512 }),
  genderage: () =>
    vectorModel({
      seed: 31,
      side: 96,
      values: 3,
      normalises: 'bn_data',
      bias: [0, 0, 0.35],
      scale: 0.3,
    }),
  'genderage-plain': () =>
    vectorModel({ seed: 32, side: 96, values: 3, bias: [0, 0, 0.35], scale: 0.3 }),
  '2d106det': () => vectorModel({ seed: 41, side: 192, values: 212, scale: 0.3 }),
  '1k3d68': () => vectorModel({ seed: 42, side: 192, values: 3309, bias: spaceBias, scale: 0.3 }),
  inswapper: () => swapModel(51),
} as const;
export type FaceModelName = keyof typeof faceModels;
