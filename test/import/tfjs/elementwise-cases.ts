import { k, ki, kOf, opCase, x, xb, xi, xOf } from './op-cases.ts';
import type { OpCase } from './op-cases.ts';
import { float, int, type } from './tiny-model.ts';

const shape = [2, 3, 4, 5];

const arithmetic: OpCase[] = [
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'Maximum',
  'Minimum',
  'SquaredDifference',
].flatMap((op) => [
  opCase(op, 'same shape', [x(shape), x(shape)]),
  opCase(op, 'per channel', [x(shape), k([5])]),
  opCase(op, 'constant first', [k([1, 1, 5]), x(shape)]),
  opCase(op, 'a scalar', [x(shape), kOf([0.75], [])]),
  opCase(op, 'rows and columns', [x([3, 1]), x([1, 4])], {}, { fixedBatch: true }),
  opCase(op, 'int32', [xi([3, 4], -9, 9), xi([4], -9, 9)], {}, { fixedBatch: true }),
]);

const division: OpCase[] = [
  ...['Div', 'RealDiv'].map((op) => opCase(op, 'floats', [x(shape), k([5], 0.5, 2)])),
  opCase(
    'RealDiv',
    'int32 rounds down',
    [xi([8], -9, 9), ki([1, 2, 3, -2, -3, 4, 5, -1])],
    {},
    { fixedBatch: true },
  ),
  opCase('DivNoNan', 'by zero', [xOf([1, -2, 0, 4]), kOf([0, 2, 0, -8])], {}, { fixedBatch: true }),
  opCase(
    'FloorDiv',
    'int32',
    [xi([8], -99, 99), ki([7, -7, 3, -3, 2, -2, 5, 9])],
    {},
    { fixedBatch: true },
  ),
  ...['Mod', 'FloorMod'].flatMap((op) => [
    opCase(
      op,
      'int32',
      [xi([8], -99, 99), ki([7, -7, 3, -3, 2, -2, 5, 9])],
      {},
      { fixedBatch: true },
    ),
    opCase(
      op,
      'floats',
      [xOf([5.5, -5.5, 7, -7, 1, 0]), kOf([2, 2, -3, -3, 4, 5])],
      {},
      { fixedBatch: true },
    ),
  ]),
  opCase('Pow', 'positive base', [x(shape, 0.1, 3), k([5])]),
  opCase('AddN', 'three', [x(shape), x(shape), x(shape)]),
  opCase('ClipByValue', 'both sides', [x(shape), kOf([-0.5], []), kOf([0.75], [])]),
];

const everywhere = [
  'Abs',
  'Neg',
  'Sign',
  'Square',
  'Floor',
  'Ceil',
  'Exp',
  'Expm1',
  'Erf',
  'Sin',
  'Cos',
];
const more = [
  'Atan',
  'Sinh',
  'Cosh',
  'Asinh',
  'Tan',
  'Relu',
  'Relu6',
  'Elu',
  'Selu',
  'Sigmoid',
  'Tanh',
];
const positive = ['Sqrt', 'Rsqrt', 'Reciprocal', 'Log', 'Log1p'];
const unary: OpCase[] = [
  ...[...everywhere, ...more, 'Softplus'].map((op) => opCase(op, 'floats', [x(shape, -1.4, 7.5)])),
  ...positive.map((op) => opCase(op, 'positive floats', [x(shape, 0.1, 4)])),
  ...['Asin', 'Acos', 'Atanh'].map((op) => opCase(op, 'within 1', [x(shape, -0.9, 0.9)])),
  opCase('Acosh', 'above 1', [x(shape, 1.1, 5)]),
  ...['Abs', 'Neg', 'Square'].map((op) => opCase(op, 'int32', [xi([3, 4], -9, 9)])),
  opCase(
    'Round',
    'half to even',
    [xOf([0.5, 1.5, 2.5, -0.5, -1.5, 2.49, 2.51])],
    {},
    { fixedBatch: true },
  ),
  ...['IsNan', 'IsInf', 'IsFinite'].map((op) =>
    opCase(
      op,
      'odd values',
      [xOf([1, Number.NaN, Infinity, -Infinity, 0])],
      {},
      { fixedBatch: true },
    ),
  ),
  opCase('LeakyRelu', 'alpha 0.1', [x(shape)], { alpha: float(0.1) }),
  opCase('Prelu', 'per channel', [x(shape), k([1, 1, 5])]),
  opCase('Prelu', 'slopes beyond 2', [x(shape), k([1, 1, 5], 2, 90)]),
  opCase('Prelu', 'per pixel', [x(shape), k([3, 4, 5])]),
  opCase('Softmax', 'rank 4', [x(shape)]),
  opCase('Softmax', 'rank 2, large values', [x([3, 7], -80, 80)]),
  opCase('LogSoftmax', 'rank 4', [x(shape)]),
];

const comparisons: OpCase[] = [
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'].flatMap((op) => [
    opCase(op, 'int32', [xi([4, 5], 0, 3), xi([4, 5], 0, 3)]),
    opCase(op, 'floats per channel', [x(shape), k([5])]),
  ]),
  ...['LogicalAnd', 'LogicalOr'].map((op) => opCase(op, 'bools', [xb([4, 5]), xb([4, 5])])),
  opCase('LogicalNot', 'bools', [xb([4, 5])]),
  opCase('Select', 'same shape', [xb([3, 4]), x([3, 4]), x([3, 4])]),
  opCase('SelectV2', 'broadcast', [xb([1, 4]), x([3, 4]), kOf([0], [])], {}, { fixedBatch: true }),
  opCase('SelectV2', 'int32', [xb([3, 4]), xi([3, 4], 0, 9), xi([3, 4], 0, 9)]),
  opCase('Where', 'indices of true', [xb([4, 5])], {}, { fixedBatch: true }),
];

const axes = [[0], [1], [3], [1, 2], [-1], [2, 3], [0, 1, 2, 3]];
const reductions: OpCase[] = ['Mean', 'Sum', 'Prod', 'Max', 'Min'].flatMap((op) =>
  axes.flatMap((list) =>
    [true, false].map((keep) =>
      opCase(op, `axes ${list.join()}, keep ${keep}`, [x([2, 3, 4, 5], 0.5, 1.5), ki(list)], {
        keep_dims: { b: keep },
      }),
    ),
  ),
);

const others: OpCase[] = [
  opCase('Sum', 'int32', [xi([3, 4], -9, 9), ki([1])]),
  ...['All', 'Any'].map((op) => opCase(op, 'last axis', [xb([6, 2]), ki([1])])),
  ...['ArgMax', 'ArgMin'].flatMap((op) => [
    opCase(op, 'channels', [x(shape), ki(3)]),
    opCase(op, 'rows', [x([4, 6]), ki(0)], {}, { fixedBatch: true }),
    opCase(op, 'ties, first wins', [xi([5, 6], 0, 3), ki(1)]),
  ]),
  opCase('Cumsum', 'exclusive, reverse', [x([3, 6]), ki(1)], {
    exclusive: { b: true },
    reverse: { b: true },
  }),
  opCase('Cumsum', 'plain', [x([3, 6]), ki(1)], {
    exclusive: { b: false },
    reverse: { b: false },
  }),
  opCase(
    'TopKV2',
    'ties, lower index first',
    [xi([3, 9], 0, 4), ki(5)],
    { sorted: { b: true } },
    { outputs: 2 },
  ),
  opCase('TopKV2', 'floats', [x([2, 9]), ki(4)], { sorted: { b: true } }, { outputs: 2 }),
  opCase('Cast', 'float to int, towards zero', [x([4, 5], -9, 9)], {
    SrcT: type('float32'),
    DstT: type('int32'),
  }),
  opCase('Cast', 'int to float', [xi([4, 5], -9, 9)], {
    SrcT: type('int32'),
    DstT: type('float32'),
  }),
  opCase(
    'Cast',
    'float to bool',
    [xOf([0, 1, -2, 0.5])],
    { SrcT: type('float32'), DstT: type('bool') },
    { fixedBatch: true },
  ),
  opCase('Cast', 'bool to float', [xb([4, 5])], { SrcT: type('bool'), DstT: type('float32') }),
  opCase(
    'OneHot',
    'with indices out of range',
    [xi([7], -2, 6), ki(4), kOf([3], []), kOf([-1], [])],
    { axis: int(-1), T: type('float32') },
    { fixedBatch: true },
  ),
];

export const elementwiseCases: readonly OpCase[] = [
  ...arithmetic,
  ...division,
  ...unary,
  ...comparisons,
  ...reductions,
  ...others,
];
