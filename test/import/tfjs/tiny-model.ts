import type { Flat } from './oracle.ts';

export interface TinyNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

export interface TinyModel {
  readonly json: {
    format: string;
    modelTopology: { node: TinyNode[] };
    weightsManifest: { paths: string[]; weights: object[] }[];
    signature?: object;
  };
  readonly weights: Uint8Array;
}

/** A graph model written by hand: placeholders, constants, nodes. Outputs are the nodes nobody reads. */
export function tinyModel(
  inputs: Readonly<Record<string, Omit<Flat, 'data'>>>,
  constants: Readonly<Record<string, Flat>>,
  nodes: readonly TinyNode[],
): TinyModel {
  const placeholders = Object.entries(inputs).map(([name, { dtype, shape }]) => ({
    name,
    op: 'Placeholder',
    attr: {
      dtype: type(dtype),
      shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } },
    },
  }));
  const entries = Object.entries(constants);
  const parts = entries.map(([, { data }]) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  return {
    json: {
      format: 'graph-model',
      modelTopology: {
        node: [
          ...placeholders,
          ...entries.map(([name, { dtype }]) => ({
            name,
            op: 'Const',
            attr: { dtype: type(dtype) },
          })),
          ...nodes,
        ],
      },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: entries.map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
        },
      ],
    },
    weights: Buffer.concat(parts),
  };
}

const typeNames = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' } as const;

/** Attributes as tensorflowjs_converter prints them. */
export const type = (dtype: keyof typeof typeNames) => ({ type: typeNames[dtype] });
export const int = (i: number) => ({ i: String(i) });
export const float = (f: number) => ({ f });
export const flag = (b: boolean) => ({ b });
export const text = (s: string) => ({ s: Buffer.from(s).toString('base64') });
export const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
export const texts = (...values: string[]) => ({
  list: { s: values.map((s) => Buffer.from(s).toString('base64')) },
});
