import type { NamedTensors } from '../engine/tabular-tasks.ts';
import { elementCount, type Tensor } from '../tensor/tensor.ts';

/** What tensors must have in common for their rows to be put together. */
export function rowKind(tensors: NamedTensors): string {
  return Object.values(tensors)
    .map(({ dims }) => dims.slice(1).join('x'))
    .join(' ');
}

/** The rows of several sets of tensors of one `rowKind`, one after another. */
export function joinRows(sets: readonly NamedTensors[], rows: number): NamedTensors {
  const [first = {}] = sets;
  const joined: Record<string, Tensor> = {};
  for (const [name, { dtype, dims, data }] of Object.entries(first)) {
    const parts = sets.map((set) => set[name]?.data ?? []);
    const size = elementCount(dims.slice(1)) * rows;
    joined[name] = {
      dtype,
      dims: [rows, ...dims.slice(1)],
      data: concat(data, parts, size),
    } as Tensor;
  }
  return joined;
}

function concat(like: Tensor['data'], parts: readonly Tensor['data'][], size: number): unknown {
  if (Array.isArray(like)) return (parts as readonly (readonly string[])[]).flat();
  const Kind = like.constructor as new (length: number) => Float32Array;
  const all = new Kind(size);
  let at = 0;
  for (const part of parts as readonly Float32Array[]) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** `count` rows from `start` on; undefined when an output does not have `rows` rows. */
export function takeRows(
  tensors: NamedTensors,
  rows: number,
  start: number,
  count: number,
): NamedTensors | undefined {
  const taken: Record<string, Tensor> = {};
  for (const [name, { dtype, dims, data }] of Object.entries(tensors)) {
    if (dims[0] !== rows) return undefined;
    const size = elementCount(dims.slice(1));
    const [from, to] = [start * size, (start + count) * size];
    const part = ArrayBuffer.isView(data) ? data.subarray(from, to) : data.slice(from, to);
    taken[name] = { dtype, dims: [count, ...dims.slice(1)], data: part };
  }
  return taken;
}
