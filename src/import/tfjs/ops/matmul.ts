import { broadcast, shapeError } from '../graph/shape.ts';
import type { Value } from '../emit/value.ts';
import { add, matched } from './arithmetic.ts';
import { fusedActivation } from './activation.ts';
import { input, requireRank, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';

/** MatMul: [m, k] x [k, n], either one transposed on request. */
export function matMul(call: OpCall): Value {
  return product(
    call,
    call.attrs.bool('transpose_a', false),
    call.attrs.bool('transpose_b', false),
  );
}

/** BatchMatMul, V2: the same for stacks of matrices, whose leading axes broadcast. */
export function batchMatMul(call: OpCall): Value {
  return product(call, call.attrs.bool('adj_x', false), call.attrs.bool('adj_y', false));
}

/** _FusedMatMul: a, b, then bias and a Prelu's alpha as `fused_ops` says. */
export function fusedMatMul(call: OpCall): Value {
  const ops = [...call.attrs.texts('fused_ops')];
  const biased = ops[0] === 'BiasAdd';
  if (biased) ops.shift();
  const value = biased ? gemm(call) : matMul(call);
  const [activation, ...more] = ops;
  if (more.length > 0) throw unsupported(call, `${ops.length} fused activations`);
  return activation === undefined
    ? value
    : fusedActivation(call, activation, value, biased ? 3 : 2);
}

/** a x b + bias in one node where all three are what Gemm takes. */
function gemm(call: OpCall): Value {
  const { e } = call;
  const [a, b, bias] = [input(call, 0), input(call, 1), input(call, 2)];
  const transA = call.attrs.bool('transpose_a', false);
  const transB = call.attrs.bool('transpose_b', false);
  const ranks = [a, b, bias].map((value) => value.shape.length).join();
  if (ranks !== '2,2,1' || a.dtype !== 'float32')
    return add(call, ...matched(call, matMul(call), bias));
  const shape = productShape(call, a.shape, b.shape, transA, transB);
  broadcast(shape, bias.shape, call.name);
  const inputs = [e.plain(a), e.plain(b), e.plain(bias)];
  return e.value(
    'float32',
    shape,
    e.node('Gemm', inputs, { transA: Number(transA), transB: Number(transB) }),
  );
}

function product(call: OpCall, transA: boolean, transB: boolean): Value {
  const { e } = call;
  const [a, b] = matched(call, input(call, 0), input(call, 1));
  requireRank(call, a, 2, 3, 4, 5, 6);
  requireRank(call, b, 2, 3, 4, 5, 6);
  const shape = productShape(call, a.shape, b.shape, transA, transB);
  const names = [transA ? swapped(call, a) : e.plain(a), transB ? swapped(call, b) : e.plain(b)];
  return e.value(a.dtype, shape, e.node('MatMul', names));
}

function swapped(call: OpCall, value: Value): string {
  const rank = value.shape.length;
  const perm = value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return call.e.node('Transpose', [call.e.plain(value)], { perm });
}

function productShape(
  call: OpCall,
  a: readonly number[],
  b: readonly number[],
  transA: boolean,
  transB: boolean,
): number[] {
  const [m, k1] = transA ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)];
  const [k2, n] = transB ? [b.at(-1), b.at(-2)] : [b.at(-2), b.at(-1)];
  if (k1 !== k2 && k1 !== -1 && k2 !== -1) {
    throw shapeError(call.name, `[${a.join()}] and [${b.join()}] cannot be multiplied`);
  }
  return [...broadcast(a.slice(0, -2), b.slice(0, -2), call.name), m ?? -1, n ?? -1];
}
