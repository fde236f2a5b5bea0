import * as ort from 'onnxruntime-node';
import type { Flat } from './oracle.ts';

/** Runs imported ONNX bytes, on one thread. */
export async function runImported(
  onnx: Uint8Array,
  inputs: Readonly<Record<string, Flat>>,
  outputs: readonly string[],
): Promise<Flat[]> {
  const session = await openImported(onnx);
  const result = await session.run(feedsOf(inputs), [...outputs]);
  await session.release();
  return outputs.map((name) => {
    const tensor = result[name];
    if (!tensor) throw new Error(`The session gave no ${name}.`);
    return { dtype: tensor.type, shape: tensor.dims, data: tensor.data } as Flat;
  });
}

export async function openImported(onnx: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
}

export function feedsOf(inputs: Readonly<Record<string, Flat>>): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, data, shape }]) => {
      const copy = dtype === 'bool' ? Uint8Array.from(data) : data;
      return [name, new ort.Tensor(dtype, copy as Float32Array, [...shape])];
    }),
  );
}
