import { activation, preluOp, softmax } from './activation.ts';
import * as a from './arithmetic.ts';
import { fusedBatchNorm, lrn } from './batch-norm.ts';
import { batchToSpace, depthAndSpace, spaceToBatch } from './blocks.ts';
import { clipByValue } from './clamp.ts';
import { comparison, logical, logicalNot, select, where } from './comparison.ts';
import {
  conv2d,
  conv2dBackpropInput,
  depthwiseConv2d,
  fusedConv2d,
  fusedDepthwiseConv2d,
} from './conv.ts';
import { cast, einsum, fakeQuant, filledLike, identity, identityN, range } from './creation.ts';
import {
  gather,
  gatherNd,
  oneHot,
  scatterNd,
  sparseToDense,
  tensorScatterUpdate,
} from './gather.ts';
import { concatV1, concatV2, pack, split, splitV, unpack } from './join.ts';
import { batchMatMul, fusedMatMul, matMul } from './matmul.ts';
import { nonMaxSuppression } from './non-max-suppression.ts';
import type { OpHandler } from './op-call.ts';
import { fill, mirrorPad, pad } from './pad.ts';
import { pool } from './pool.ts';
import { argReduction, cumsum, logicalReduction, reduction, topK } from './reduction.ts';
import {
  broadcastTo,
  expandDims,
  rankOf,
  reshape,
  shapeOf,
  sizeOf,
  squeeze,
  tile,
  transpose,
} from './reshape.ts';
import { resizeBilinear, resizeNearest } from './resize.ts';
import { reverse, slice, stridedSlice } from './slice.ts';
import * as lists from './tensor-list.ts';
import * as u from './unary.ts';

/** Every TensorFlow operation that the importer translates. Const, Placeholder and loops are not operations. */
export const opTable = {
  // Convolutions and their company
  Conv2D: conv2d,
  _FusedConv2D: fusedConv2d,
  DepthwiseConv2dNative: depthwiseConv2d,
  FusedDepthwiseConv2dNative: fusedDepthwiseConv2d,
  Conv2DBackpropInput: conv2dBackpropInput,
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: lrn,
  BiasAdd: a.biasAdd,
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  ResizeBilinear: resizeBilinear,
  ResizeNearestNeighbor: resizeNearest,
  DepthToSpace: depthAndSpace('DepthToSpace'),
  SpaceToDepth: depthAndSpace('SpaceToDepth'),
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,

  // Products
  MatMul: matMul,
  _FusedMatMul: fusedMatMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  Einsum: einsum,

  // Activations
  Relu: activation('Relu'),
  Relu6: activation('Relu6'),
  Elu: activation('Elu'),
  Selu: activation('Selu'),
  LeakyRelu: activation('LeakyRelu'),
  Prelu: preluOp,
  Sigmoid: activation('Sigmoid'),
  Tanh: activation('Tanh'),
  Softplus: activation('Softplus'),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),

  // Arithmetic of two tensors
  Add: a.binaryOp(a.add),
  AddV2: a.binaryOp(a.add),
  AddN: a.addN,
  Sub: a.binaryOp(a.sub),
  Mul: a.binaryOp(a.mul),
  Div: a.binaryOp(a.div),
  RealDiv: a.binaryOp(a.div),
  DivNoNan: a.binaryOp(a.divNoNan),
  FloorDiv: a.binaryOp(a.floorDiv),
  Mod: a.binaryOp(a.floorMod),
  FloorMod: a.binaryOp(a.floorMod),
  Pow: a.binaryOp(a.pow),
  SquaredDifference: a.binaryOp(a.squaredDifference),
  Minimum: a.binaryOp(a.minimum),
  Maximum: a.binaryOp(a.maximum),
  ClipByValue: clipByValue,

  // Functions of one tensor
  Abs: u.numeric('Abs'),
  Neg: u.numeric('Neg'),
  Sign: u.numeric('Sign'),
  Square: u.square,
  Floor: u.rounding('Floor'),
  Ceil: u.rounding('Ceil'),
  Round: u.rounding('Round'),
  Sqrt: u.floating('Sqrt'),
  Rsqrt: u.rsqrt,
  Reciprocal: u.floating('Reciprocal'),
  Exp: u.floating('Exp'),
  Expm1: u.expm1,
  Log: u.floating('Log'),
  Log1p: u.log1p,
  Erf: u.floating('Erf'),
  Sin: u.floating('Sin'),
  Cos: u.floating('Cos'),
  Tan: u.floating('Tan'),
  Asin: u.floating('Asin'),
  Acos: u.floating('Acos'),
  Atan: u.floating('Atan'),
  Sinh: u.floating('Sinh'),
  Cosh: u.floating('Cosh'),
  Asinh: u.floating('Asinh'),
  Acosh: u.floating('Acosh'),
  Atanh: u.floating('Atanh'),
  IsNan: u.isNan,
  IsInf: u.isInf,
  IsFinite: u.isFinite,

  // Comparison, logic, choice
  Equal: comparison('Equal'),
  NotEqual: comparison('Equal', true),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: logical('And'),
  LogicalOr: logical('Or'),
  LogicalNot: logicalNot,
  Select: select,
  SelectV2: select,
  Where: where,

  // Reductions
  Mean: reduction('ReduceMean'),
  Sum: reduction('ReduceSum'),
  Prod: reduction('ReduceProd'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  All: logicalReduction('ReduceMin'),
  Any: logicalReduction('ReduceMax'),
  ArgMax: argReduction('ArgMax'),
  ArgMin: argReduction('ArgMin'),
  Cumsum: cumsum,
  TopKV2: topK,
  NonMaxSuppressionV2: nonMaxSuppression,
  NonMaxSuppressionV3: nonMaxSuppression,
  NonMaxSuppressionV4: nonMaxSuppression,
  NonMaxSuppressionV5: nonMaxSuppression,

  // Shape
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Transpose: transpose,
  Shape: shapeOf,
  Rank: rankOf,
  Size: sizeOf,
  BroadcastTo: broadcastTo,
  Tile: tile,
  Pad: pad,
  PadV2: pad,
  MirrorPad: mirrorPad,

  // Taking apart and putting together
  Concat: concatV1,
  ConcatV2: concatV2,
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: splitV,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  ReverseV2: reverse,
  Gather: gather,
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  SparseToDense: sparseToDense,
  OneHot: oneHot,

  // Making and passing on
  Cast: cast,
  Fill: fill,
  Range: range,
  ZerosLike: filledLike(0),
  OnesLike: filledLike(1),
  Identity: identity,
  IdentityN: identityN,
  StopGradient: identity,
  Snapshot: identity,
  EnsureShape: identity,
  PlaceholderWithDefault: identity,
  FakeQuantWithMinMaxVars: fakeQuant,

  // Lists of tensors, while a loop is written out
  TensorListReserve: lists.tensorListReserve,
  TensorListFromTensor: lists.tensorListFromTensor,
  TensorListGetItem: lists.tensorListGetItem,
  TensorListSetItem: lists.tensorListSetItem,
  TensorListStack: lists.tensorListStack,
} as const satisfies Record<string, OpHandler>;

export type OpName = keyof typeof opTable;

export function isKnownOp(op: string): op is OpName {
  return Object.hasOwn(opTable, op);
}
