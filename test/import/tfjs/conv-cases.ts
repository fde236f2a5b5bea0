import { k, ki, kOf, opCase, x } from './op-cases.ts';
import type { OpCase } from './op-cases.ts';
import { flag, float, int, ints, text, texts } from './tiny-model.ts';

const window = (
  padding: string,
  stride = 1,
  dilation = 1,
  strideW = stride,
  dilationW = dilation,
) => ({
  strides: ints(1, stride, strideW, 1),
  dilations: ints(1, dilation, dilationW, 1),
  padding: text(padding),
  data_format: text('NHWC'),
});
const explicit = (...pads: number[]) => ({
  ...window('EXPLICIT', 2),
  explicit_paddings: ints(0, 0, ...pads, 0, 0),
});
const fused = (...ops: string[]) => ({
  ...window('SAME', 2),
  fused_ops: texts(...ops),
  num_args: int(1),
});
const pooled = (padding: string, kernel: number, stride: number) => ({
  ksize: ints(1, kernel, kernel, 1),
  strides: ints(1, stride, stride, 1),
  padding: text(padding),
});

const conv: OpCase[] = [
  opCase('Conv2D', 'VALID', [x([2, 7, 9, 3]), k([3, 3, 3, 5])], window('VALID')),
  opCase(
    'Conv2D',
    'SAME, even kernel, stride 2',
    [x([1, 8, 9, 3]), k([4, 2, 3, 5])],
    window('SAME', 2),
  ),
  opCase(
    'Conv2D',
    'SAME, stride 3 beyond the kernel',
    [x([1, 10, 11, 2]), k([2, 2, 2, 4])],
    window('SAME', 3),
  ),
  opCase('Conv2D', 'SAME, dilation 2', [x([1, 9, 8, 3]), k([3, 3, 3, 4])], window('SAME', 1, 2)),
  opCase(
    'Conv2D',
    'VALID, dilations 3 and 2',
    [x([1, 12, 11, 2]), k([3, 3, 2, 4])],
    window('VALID', 1, 3, 1, 2),
  ),
  opCase(
    'Conv2D',
    'explicit asymmetric padding',
    [x([1, 8, 8, 3]), k([3, 3, 3, 4])],
    explicit(0, 1, 2, 1),
  ),
  opCase('Conv2D', 'filter of the run', [x([1, 6, 6, 3]), x([3, 3, 3, 4])], window('SAME'), {
    fixedBatch: true,
  }),
  opCase(
    'DepthwiseConv2dNative',
    'SAME, stride 2',
    [x([1, 9, 8, 4]), k([3, 3, 4, 1])],
    window('SAME', 2),
  ),
  opCase(
    'DepthwiseConv2dNative',
    'multiplier 3, VALID',
    [x([1, 7, 7, 2]), k([2, 3, 2, 3])],
    window('VALID'),
  ),
  opCase(
    'DepthwiseConv2dNative',
    'dilation 2',
    [x([1, 9, 9, 3]), k([3, 3, 3, 2])],
    window('SAME', 1, 2),
  ),
  ...['Relu', 'Relu6', 'Elu', 'Sigmoid'].map((op) =>
    opCase(
      '_FusedConv2D',
      `bias and ${op}`,
      [x([2, 7, 8, 3]), k([3, 3, 3, 4]), k([4])],
      fused('BiasAdd', op),
    ),
  ),
  opCase('_FusedConv2D', 'bias only', [x([1, 7, 8, 3]), k([3, 3, 3, 4]), k([4])], fused('BiasAdd')),
  opCase('_FusedConv2D', 'bias and LeakyRelu', [x([1, 7, 8, 3]), k([3, 3, 3, 4]), k([4])], {
    ...fused('BiasAdd', 'LeakyRelu'),
    leakyrelu_alpha: float(0.3),
  }),
  opCase(
    '_FusedConv2D',
    'bias and Prelu',
    [x([1, 7, 8, 3]), k([3, 3, 3, 4]), k([4]), k([1, 1, 4])],
    {
      ...fused('BiasAdd', 'Prelu'),
      num_args: int(2),
    },
  ),
  opCase(
    'FusedDepthwiseConv2dNative',
    'bias and Relu6',
    [x([1, 9, 8, 4]), k([3, 3, 4, 1]), k([4])],
    {
      ...fused('BiasAdd', 'Relu6'),
    },
  ),
  opCase(
    'FusedDepthwiseConv2dNative',
    'bias and Prelu, multiplier 2',
    [x([1, 6, 6, 2]), k([3, 3, 2, 2]), k([4]), k([1, 1, 4])],
    { ...fused('BiasAdd', 'Prelu'), num_args: int(2) },
  ),
  opCase(
    'Conv2DBackpropInput',
    'SAME, stride 2, odd size',
    [ki([1, 9, 7, 3]), k([3, 3, 3, 4]), x([1, 5, 4, 4])],
    window('SAME', 2),
  ),
  opCase(
    'Conv2DBackpropInput',
    'SAME, even kernel',
    [ki([1, 10, 8, 2]), k([4, 2, 2, 3]), x([1, 5, 4, 3])],
    window('SAME', 2),
  ),
  opCase(
    'Conv2DBackpropInput',
    'VALID, stride 3',
    [ki([1, 11, 8, 2]), k([3, 2, 2, 3]), x([1, 3, 3, 3])],
    window('VALID', 3),
  ),
];

const norm: OpCase[] = ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map((op) =>
  opCase(op, 'epsilon 0.001', [x([2, 5, 4, 3]), k([3]), k([3]), k([3]), k([3], 0.2, 2)], {
    epsilon: float(0.001),
    is_training: flag(false),
  }),
);

const pools: OpCase[] = ['MaxPool', 'AvgPool'].flatMap((op) => [
  opCase(op, 'VALID 2/2', [x([2, 7, 8, 3], -3, -1)], pooled('VALID', 2, 2)),
  opCase(op, 'SAME 3/2', [x([1, 8, 7, 3], -3, -1)], pooled('SAME', 3, 2)),
  opCase(op, 'SAME 2/1', [x([1, 5, 6, 2], -3, -1)], pooled('SAME', 2, 1)),
]);

const corners = (align: boolean, half: boolean) => ({
  align_corners: flag(align),
  half_pixel_centers: flag(half),
});
const sizes = [
  [10, 14],
  [3, 4],
  [20, 7],
  [1, 1],
  [12, 21],
] as const;
const resize: OpCase[] = ['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((op) =>
  [corners(false, false), corners(true, false), corners(false, true)].flatMap((attr) =>
    sizes.map(([h, w]) =>
      opCase(op, `6x7 to ${h}x${w}, ${JSON.stringify(attr)}`, [x([1, 6, 7, 3]), ki([h, w])], attr),
    ),
  ),
);

const blocks: OpCase[] = [
  opCase('DepthToSpace', 'blocks of 2', [x([2, 3, 4, 12])], {
    block_size: int(2),
    data_format: text('NHWC'),
  }),
  opCase('SpaceToBatchND', 'padded', [x([2, 5, 6, 3]), ki([2, 3]), ki([1, 0, 2, 1], [2, 2])]),
  opCase(
    'BatchToSpaceND',
    'cropped',
    [x([12, 3, 4, 2]), ki([2, 3]), ki([1, 0, 2, 1], [2, 2])],
    {},
    { fixedBatch: true },
  ),
];

const pads: OpCase[] = [
  opCase('Pad', 'space and channels', [x([1, 4, 5, 3]), ki([0, 0, 1, 2, 0, 3, 0, 2], [4, 2])]),
  opCase('Pad', 'space only', [x([1, 4, 5, 3]), ki([0, 0, 1, 2, 0, 3, 0, 0], [4, 2])]),
  opCase('Pad', 'nothing', [x([1, 4, 5, 3]), ki([0, 0, 0, 0, 0, 0, 0, 0], [4, 2])]),
  opCase('PadV2', 'a value', [x([3, 4]), ki([0, 1, 2, 0], [2, 2]), kOf([7.5], [])]),
  opCase('MirrorPad', 'REFLECT', [x([1, 4, 5, 3]), ki([0, 0, 2, 1, 3, 0, 0, 0], [4, 2])], {
    mode: text('REFLECT'),
  }),
  opCase('MirrorPad', 'SYMMETRIC', [x([1, 4, 5, 3]), ki([0, 0, 2, 1, 5, 0, 0, 1], [4, 2])], {
    mode: text('SYMMETRIC'),
  }),
  opCase('LRN', 'radius 2', [x([1, 3, 3, 7])], {
    depth_radius: int(2),
    bias: float(1.5),
    alpha: float(0.3),
    beta: float(0.75),
  }),
  opCase('BiasAdd', 'rank 4', [x([2, 3, 3, 4]), k([4])]),
];

export const convCases: readonly OpCase[] = [
  ...conv,
  ...norm,
  ...pools,
  ...resize,
  ...blocks,
  ...pads,
];
