import { k, ki, kOf, opCase, x, xi, xOf } from './op-cases.ts';
import type { OpCase } from './op-cases.ts';
import { flag, int, ints, text } from './tiny-model.ts';

const fixed = { fixedBatch: true } as const;

const shapes: OpCase[] = [
  opCase('Reshape', 'flatten', [x([2, 3, 4, 5]), ki([2, 60])], {}, fixed),
  opCase('Reshape', 'flatten, any batch', [x([2, 3, 4, 5]), ki([-1, 60])]),
  opCase('Reshape', 'one pixel', [x([2, 1, 1, 5]), ki([-1, 5])]),
  opCase('Reshape', 'split the channels', [x([2, 3, 4, 6]), ki([-1, 24, 3])]),
  opCase('Squeeze', 'named', [x([2, 1, 3, 1])], { squeeze_dims: ints(1) }),
  opCase('Squeeze', 'all', [x([2, 1, 3, 1])], {}, fixed),
  opCase('ExpandDims', 'last', [x([2, 3]), ki(-1)]),
  opCase('ExpandDims', 'first', [x([2, 3]), ki(0)]),
  ...[
    [0, 3, 1, 2],
    [0, 2, 3, 1],
    [3, 2, 1, 0],
    [0, 1, 2, 3],
  ].map((perm) => opCase('Transpose', perm.join(), [x([2, 3, 4, 5]), ki(perm)])),
  opCase('Shape', 'rank 3', [x([2, 3, 4])]),
  opCase('Rank', 'rank 3', [x([2, 3, 4])]),
  opCase('Size', 'rank 3', [x([2, 3, 4])]),
  opCase('BroadcastTo', 'a row', [x([1, 4]), ki([3, 4])], {}, fixed),
  opCase('Tile', 'both axes', [x([2, 3]), ki([2, 3])]),
  opCase('Fill', 'a value of the run', [ki([2, 3]), xOf([1.5], [])], {}, fixed),
  opCase('ZerosLike', 'floats', [x([2, 3])]),
  opCase('OnesLike', 'int32', [xi([2, 3], 0, 9)]),
  opCase('Identity', 'floats', [x([2, 3])]),
  opCase('StopGradient', 'floats', [x([2, 3])]),
  opCase('Snapshot', 'floats', [x([2, 3])]),
  opCase('IdentityN', 'two', [x([2, 3]), x([4])], {}, { outputs: 2 }),
  opCase('EnsureShape', 'same', [x([2, 3]), ki([2, 3])], {}, fixed),
  opCase('PlaceholderWithDefault', 'the default', [k([2, 3])], {}, fixed),
  opCase('FakeQuantWithMinMaxVars', 'as TensorFlow.js', [x([2, 3]), kOf([-1], []), kOf([1], [])]),
];

const joins: OpCase[] = [
  ...[0, 1, 2, 3, -1].map((axis) =>
    opCase('ConcatV2', `axis ${axis}`, [x([2, 3, 4, 5]), x([2, 3, 4, 5]), ki(axis)], { N: int(2) }),
  ),
  opCase('Concat', 'axis first', [ki(1), x([2, 3]), x([2, 4])], { N: int(2) }),
  ...[0, 1, 2].map((axis) =>
    opCase('Pack', `axis ${axis}`, [x([2, 3]), x([2, 3])], { axis: int(axis) }),
  ),
  opCase('Unpack', 'last axis', [x([2, 4, 3])], { axis: int(-1), num: int(3) }, { outputs: 3 }),
  opCase('Unpack', 'channels', [x([2, 4, 3, 2])], { axis: int(3), num: int(2) }, { outputs: 2 }),
  opCase('Split', 'channels', [ki(3), x([2, 3, 4, 6])], { num_split: int(3) }, { outputs: 3 }),
  opCase(
    'SplitV',
    'with a rest',
    [x([2, 9]), ki([2, -1, 3]), ki(1)],
    { num_split: int(3) },
    { outputs: 3 },
  ),
];

const mask = (begin = 0, end = 0, ellipsis = 0, fresh = 0, shrink = 0) => ({
  begin_mask: int(begin),
  end_mask: int(end),
  ellipsis_mask: int(ellipsis),
  new_axis_mask: int(fresh),
  shrink_axis_mask: int(shrink),
});
const strided = (
  title: string,
  begin: number[],
  end: number[],
  steps: number[],
  attr: ReturnType<typeof mask>,
) => opCase('StridedSlice', title, [x([4, 5, 6, 3]), ki(begin), ki(end), ki(steps)], attr, fixed);

const slices: OpCase[] = [
  opCase('Slice', 'with an open end', [x([4, 5, 6]), ki([1, 0, 2]), ki([2, -1, 3])], {}, fixed),
  opCase('Slice', 'channels', [x([2, 3, 4, 6]), ki([0, 0, 0, 2]), ki([-1, -1, -1, 3])]),
  strided('plain', [1, 0, 2, 0], [3, 4, 6, 3], [1, 1, 2, 1], mask()),
  strided('negative bounds', [-3, 0, -4, 0], [-1, 5, -1, 3], [1, 2, 1, 1], mask()),
  strided('negative strides', [3, 4, 5, 2], [0, 0, 1, 0], [-1, -2, -1, -1], mask()),
  strided('open begin and end', [9, 9, 9, 9], [9, 9, 9, 9], [1, 2, 1, 1], mask(15, 15)),
  strided('open, backwards', [0, 0, 0, 0], [0, 0, 0, 0], [-1, 1, -1, 1], mask(15, 15)),
  strided('an index', [1, 0], [2, 0], [1, 1], mask(2, 2, 0, 0, 1)),
  strided('the last index', [-1, 0], [0, 0], [1, 1], mask(2, 2, 0, 0, 1)),
  strided('ellipsis in the middle', [1, 0, 1], [3, 0, 2], [1, 1, 1], mask(0, 0, 2)),
  strided('ellipsis and index', [0, 2], [0, 3], [1, 1], mask(0, 0, 1, 0, 2)),
  strided('new axes', [0, 1, 0], [0, 3, 0], [1, 1, 1], mask(0, 0, 0, 5)),
  strided('beyond the end', [0, 0, 0, 0], [99, 99, 99, 99], [1, 1, 3, 1], mask()),
  opCase('Reverse', 'flags', [
    x([3, 4]),
    { kind: 'constant', value: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) } },
  ]),
  opCase('ReverseV2', 'two axes', [x([2, 3, 4, 5]), ki([1, -1])]),
];

const gathers: OpCase[] = [
  opCase('Gather', 'rows', [x([5, 3]), xi([4], 0, 5)], {}, fixed),
  opCase('GatherV2', 'columns', [x([5, 6]), ki([5, 0, 0, 2]), ki(1)]),
  opCase('GatherV2', 'a scalar index', [x([5, 6]), ki(3), ki(1)]),
  opCase('GatherV2', 'indices of rank 2', [x([5, 6]), xi([2, 3], 0, 5), ki(0)], {}, fixed),
  opCase(
    'GatherV2',
    'batches',
    [x([3, 6, 2]), xi([3, 4], 0, 6), ki(1)],
    { batch_dims: int(1) },
    fixed,
  ),
  opCase('GatherNd', 'elements', [x([4, 5]), ki([0, 1, 3, 4], [2, 2])], {}, fixed),
  opCase('GatherNd', 'rows', [x([4, 5]), xi([3, 1], 0, 4)], {}, fixed),
  opCase('ScatterNd', 'adding up', [ki([1, 3, 1], [3, 1]), x([3, 2]), ki([5, 2])], {}, fixed),
  opCase('TensorScatterUpdate', 'rows', [x([5, 2]), ki([1, 3], [2, 1]), x([2, 2])], {}, fixed),
  opCase(
    'SparseToDense',
    'values of the run',
    [ki([0, 1, 2, 0], [2, 2]), ki([3, 4]), x([2]), kOf([-1], [])],
    {},
    fixed,
  ),
  opCase(
    'Range',
    'a limit of the run',
    [ki(0), xi([], 5, 6), ki(2)],
    { Tidx: { type: 'DT_INT32' } },
    fixed,
  ),
];

const products: OpCase[] = [
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([a = false, b = false]) =>
    opCase(
      'MatMul',
      `transposed ${a}, ${b}`,
      [x(a ? [4, 3] : [3, 4]), k(b ? [5, 4] : [4, 5])],
      { transpose_a: flag(a), transpose_b: flag(b) },
      fixed,
    ),
  ),
  ...['BatchMatMul', 'BatchMatMulV2'].map((op) =>
    opCase(op, 'adjoint second', [x([2, 3, 4]), x([2, 5, 4])], {
      adj_x: flag(false),
      adj_y: flag(true),
    }),
  ),
  opCase('BatchMatMulV2', 'broadcast', [x([2, 3, 4]), k([1, 4, 5])], {
    adj_x: flag(false),
    adj_y: flag(false),
  }),
  ...['Relu', 'Relu6', 'Elu', 'Sigmoid'].map((op) =>
    opCase('_FusedMatMul', `bias and ${op}`, [x([3, 4]), k([4, 5]), k([5])], {
      transpose_a: flag(false),
      transpose_b: flag(false),
      num_args: int(1),
      fused_ops: { list: { s: ['BiasAdd', op].map((s) => Buffer.from(s).toString('base64')) } },
    }),
  ),
  opCase('Einsum', 'attention', [x([2, 3, 4]), x([2, 5, 4])], {
    equation: text('bqd,bkd->bqk'),
    N: int(2),
  }),
];

const boxes = kOf(
  [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101],
  [6, 4],
);
const scores = xOf([0.9, 0.75, 0.6, 0.95, 0.5, 0.3]);
const limits = [ki(4), kOf([0.5], []), kOf([0.2], [])];
const suppression: OpCase[] = [
  opCase('NonMaxSuppressionV2', 'six boxes', [boxes, scores, ki(3), kOf([0.5], [])], {}, fixed),
  opCase('NonMaxSuppressionV3', 'six boxes', [boxes, scores, ...limits], {}, fixed),
  opCase(
    'NonMaxSuppressionV4',
    'six boxes',
    [boxes, scores, ...limits],
    { pad_to_max_output_size: flag(false) },
    { ...fixed, outputs: 2 },
  ),
  opCase(
    'NonMaxSuppressionV5',
    'six boxes',
    [boxes, scores, ...limits, kOf([0], [])],
    {},
    { ...fixed, outputs: 2 },
  ),
];

export const structureCases: readonly OpCase[] = [
  ...shapes,
  ...joins,
  ...slices,
  ...gathers,
  ...products,
  ...suppression,
];
