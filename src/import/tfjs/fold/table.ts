import { castFold, fillFold, rangeFold, reductionFold, sparseToDenseFold } from './creation.ts';
import { binary, selectFold, unary } from './elementwise.ts';
import type { Folder } from './folder.ts';
import { operand } from './folder.ts';
import * as s from './structure.ts';

const same: Folder = (call) => [operand(call, 0)];
const floorMod = (a: number, b: number): number => a - Math.floor(a / b) * b;
const add = binary((a, b) => a + b);
const floorDiv = binary((a, b) => Math.floor(a / b));
/** Of two integers TensorFlow.js takes the floor. */
const divide = binary((a, b, isInt) => (isInt ? Math.floor(a / b) : a / b));
const and = (a: number, b: number): number => Number(a !== 0 && b !== 0);

/** How a node is computed at import when all that it reads is constant: mostly shape arithmetic. */
export const foldTable = {
  Identity: same,
  StopGradient: same,
  Snapshot: same,
  Cast: castFold,
  Reshape: s.reshapeFold,
  Squeeze: s.squeezeFold,
  ExpandDims: s.expandDimsFold,
  Transpose: s.transposeFold,
  Pack: s.packFold,
  Unpack: s.unpackFold,
  ConcatV2: s.concatFold,
  Slice: s.sliceFold,
  StridedSlice: s.stridedSliceFold,
  Gather: s.gatherFold,
  GatherV2: s.gatherFold,
  Tile: s.tileFold,
  Fill: fillFold,
  Range: rangeFold,
  SparseToDense: sparseToDenseFold,
  Add: add,
  AddV2: add,
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  RealDiv: divide,
  Div: divide,
  FloorDiv: floorDiv,
  FloorMod: binary(floorMod),
  Mod: binary(floorMod),
  Pow: binary((a, b) => a ** b),
  Maximum: binary((a, b) => Math.max(a, b)),
  Minimum: binary((a, b) => Math.min(a, b)),
  SquaredDifference: binary((a, b) => (a - b) ** 2),
  Equal: binary((a, b) => Number(a === b), 'bool'),
  NotEqual: binary((a, b) => Number(a !== b), 'bool'),
  Less: binary((a, b) => Number(a < b), 'bool'),
  LessEqual: binary((a, b) => Number(a <= b), 'bool'),
  Greater: binary((a, b) => Number(a > b), 'bool'),
  GreaterEqual: binary((a, b) => Number(a >= b), 'bool'),
  LogicalAnd: binary(and, 'bool'),
  LogicalOr: binary((a, b) => Number(a !== 0 || b !== 0), 'bool'),
  LogicalNot: unary((x) => Number(x === 0)),
  Select: selectFold,
  SelectV2: selectFold,
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sqrt: unary(Math.sqrt),
  Rsqrt: unary((x) => 1 / Math.sqrt(x)),
  Square: unary((x) => x * x),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Prod: reductionFold(1, (all, x) => all * x),
  Sum: reductionFold(0, (all, x) => all + x),
  Mean: reductionFold(0, (all, x) => all + x, true),
  Max: reductionFold(-Infinity, Math.max),
  Min: reductionFold(Infinity, Math.min),
  All: reductionFold(1, and),
  Any: reductionFold(0, Math.max),
} as const satisfies Record<string, Folder>;

export type FoldableOp = keyof typeof foldTable;

export function isFoldable(op: string): op is FoldableOp {
  return Object.hasOwn(foldTable, op);
}

/** Those that stay right when some elements are NaN for "not known": they move numbers, or compute one from another. */
export const foldsPartly: ReadonlySet<FoldableOp> = new Set<FoldableOp>([
  'Identity',
  'Cast',
  'Reshape',
  'Squeeze',
  'ExpandDims',
  'Pack',
  'Unpack',
  'ConcatV2',
  'Slice',
  'StridedSlice',
  'Gather',
  'GatherV2',
  'Add',
  'AddV2',
  'Sub',
  'Mul',
  'FloorDiv',
  'Neg',
  'Prod',
  'Sum',
]);
