import { shapeError } from '../graph/shape.ts';
import type { Value } from '../emit/value.ts';
import { input, intsOf, requireRank, unsupported } from './op-call.ts';
import type { OpCall, OpHandler } from './op-call.ts';
import { requireNhwc } from './window.ts';

/** DepthToSpace and SpaceToDepth: the channel is (row in block, column in block, rest), ONNX's DCR. */
export function depthAndSpace(opType: 'DepthToSpace' | 'SpaceToDepth'): OpHandler {
  return (call) => {
    const { e } = call;
    requireNhwc(call);
    const x = input(call, 0);
    requireRank(call, x, 4);
    const block = call.attrs.int('block_size', 0);
    const [n = -1, h = -1, w = -1, c = -1] = x.shape;
    const toSpace = opType === 'DepthToSpace';
    const fits = toSpace ? c % (block * block) === 0 : h % block === 0 && w % block === 0;
    if (block < 2 || !fits || [h, w, c].includes(-1)) {
      throw shapeError(call.name, `blocks of ${block} in [${x.shape.join()}]`);
    }
    const shape = toSpace
      ? [n, h * block, w * block, c / block / block]
      : [n, h / block, w / block, c * block * block];
    const name = e.node(opType, [e.nchw(x)], {
      blocksize: block,
      ...(toSpace ? { mode: 'DCR' } : {}),
    });
    return e.value(x.dtype, shape, name, 'nchw');
  };
}

interface Blocks {
  readonly x: Value;
  readonly block: readonly number[];
  /** Pairs of paddings or crops, one per blocked axis. */
  readonly pairs: readonly number[];
  /** Axes after the blocked ones. */
  readonly rest: readonly number[];
}

/**
 * SpaceToBatchND: x [n, spatial..., rest...] is padded, cut into blocks, and the place within the block
 * becomes the major part of the batch. Written as Pad, Reshape, Transpose, Reshape, as its definition is.
 */
export function spaceToBatch(call: OpCall): Value {
  const { e } = call;
  const { x, block, pairs, rest } = blocks(call);
  const m = block.length;
  const before = [0, ...block.map((_, i) => pairs[2 * i] ?? 0), ...rest.map(() => 0)];
  const after = [0, ...block.map((_, i) => pairs[2 * i + 1] ?? 0), ...rest.map(() => 0)];
  const grown = block.map(
    (_, i) => (x.shape[i + 1] ?? 0) + (pairs[2 * i] ?? 0) + (pairs[2 * i + 1] ?? 0),
  );
  const cut = grown.map((size, i) => size / (block[i] ?? 1));
  if (!cut.every(Number.isInteger))
    throw shapeError(call.name, `blocks ${block.join()} in ${grown.join()}`);
  const padded = e.node('Pad', [e.plain(x), e.ints([...before, ...after])], { mode: 'constant' });
  const open = e.node('Reshape', [
    padded,
    e.ints([-1, ...cut.flatMap((c, i) => [c, block[i] ?? 1]), ...rest]),
  ]);
  const at = (i: number, part: 0 | 1): number => 1 + 2 * i + part;
  const perm = [
    ...block.map((_, i) => at(i, 1)),
    0,
    ...block.map((_, i) => at(i, 0)),
    ...rest.map((_, i) => 1 + 2 * m + i),
  ];
  const turned = e.node('Transpose', [open], { perm });
  const name = e.node('Reshape', [turned, e.ints([-1, ...cut, ...rest])]);
  const n = x.shape[0] ?? -1;
  return e.value(x.dtype, [n === -1 ? -1 : n * product(block), ...cut, ...rest], name);
}

/** BatchToSpaceND: the way back, cropping instead of padding. */
export function batchToSpace(call: OpCall): Value {
  const { e } = call;
  const { x, block, pairs, rest } = blocks(call);
  const m = block.length;
  const inner = block.map((_, i) => x.shape[i + 1] ?? 0);
  const n = x.shape[0] ?? -1;
  if (n !== -1 && n % product(block) !== 0)
    throw shapeError(call.name, `${n} batches of blocks ${block.join()}`);
  const open = e.node('Reshape', [e.plain(x), e.ints([...block, -1, ...inner, ...rest])]);
  const perm = [
    m,
    ...block.flatMap((_, i) => [m + 1 + i, i]),
    ...rest.map((_, i) => 2 * m + 1 + i),
  ];
  const turned = e.node('Transpose', [open], { perm });
  const full = inner.map((size, i) => size * (block[i] ?? 1));
  const joined = e.node('Reshape', [turned, e.ints([-1, ...full, ...rest])]);
  const starts = block.map((_, i) => pairs[2 * i] ?? 0);
  const ends = full.map((size, i) => size - (pairs[2 * i + 1] ?? 0));
  const name = e.node('Slice', [
    joined,
    e.ints(starts),
    e.ints(ends),
    e.ints(block.map((_, i) => i + 1)),
  ]);
  const sizes = ends.map((end, i) => Math.max(0, end - (starts[i] ?? 0)));
  return e.value(x.dtype, [n === -1 ? -1 : n / product(block), ...sizes, ...rest], name);
}

function blocks(call: OpCall): Blocks {
  const x = input(call, 0);
  const block = intsOf(call, 1);
  const pairs = intsOf(call, 2);
  const rest = x.shape.slice(1 + block.length);
  if (block.length < 1 || x.shape.length <= block.length || pairs.length !== 2 * block.length) {
    throw shapeError(call.name, `blocks ${block.join()} of [${x.shape.join()}]`);
  }
  if (x.shape.slice(1).includes(-1)) throw unsupported(call, 'only the batch may be unknown');
  if ([...block.map((b) => b - 1), ...pairs].some((value) => value < 0 || value > 65_536)) {
    throw shapeError(call.name, `blocks ${block.join()}, paddings or crops ${pairs.join()}`);
  }
  return { x, block, pairs, rest };
}

function product(values: readonly number[]): number {
  return values.reduce((all, value) => all * value, 1);
}
