import type { Constant } from '../graph/constant.ts';
import type { Value } from '../emit/value.ts';
import { input, numberOf } from './op-call.ts';
import type { OpCall } from './op-call.ts';

type Limit = number | Constant | undefined;

/**
 * min(max(value, low), high), or undefined where a limit is not one constant number. Limits of a limited
 * value join into one Clip, which the runtime then merges into the convolution in front of it.
 */
export function clamp(
  call: OpCall,
  value: Value,
  lowLimit: Limit,
  highLimit: Limit,
): Value | undefined {
  const low = limitOf(lowLimit);
  const high = limitOf(highLimit);
  if (low === undefined || high === undefined || value.dtype !== 'float32') return undefined;
  const inner = value.origin?.kind === 'clamp' ? value.origin : undefined;
  // clip(clip(x, a, b), c, d) is clip(x, max(a, c), min(b, d)) only while the intervals overlap.
  if (inner && Math.max(inner.low, low) <= Math.min(inner.high, high)) {
    return clip(call, inner.source, Math.max(inner.low, low), Math.min(inner.high, high));
  }
  return low <= high ? clip(call, value, low, high) : undefined;
}

function limitOf(limit: Limit): number | undefined {
  if (limit === undefined || typeof limit === 'number') return limit;
  const only = limit.data[0];
  return limit.data.length === 1 && limit.shape.length === 0 && !Number.isNaN(only)
    ? only
    : undefined;
}

function clip(call: OpCall, source: Value, low: number, high: number): Value {
  const { e } = call;
  const layout = e.layoutOf(source);
  const x = e.in(layout, source);
  const lowName = low === -Infinity ? '' : e.scalar('float32', low);
  const highName = high === Infinity ? [] : [e.scalar('float32', high)];
  const isRelu = low === 0 && high === Infinity;
  const name = isRelu ? e.node('Relu', [x]) : e.node('Clip', [x, lowName, ...highName]);
  const value = e.value('float32', source.shape, name, layout);
  return { ...value, origin: { kind: 'clamp', source, low, high } };
}

/** ClipByValue: x, min, max. */
export function clipByValue(call: OpCall): Value {
  const low = numberOf(call, 1);
  const high = numberOf(call, 2);
  const x = input(call, 0);
  const clamped = clamp(call, call.e.cast(x, 'float32'), low, high);
  return call.e.cast(clamped ?? x, x.dtype);
}
