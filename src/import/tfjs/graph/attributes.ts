import { z } from 'zod';
import { TfjsImportError } from '../tfjs-import-error.ts';
import type { Dtype } from './constant.ts';
import type { Shape } from './shape.ts';

/*
 * `AttrValue` of a NodeDef as tensorflowjs_converter prints it: tfjs-converter
 * `operations/operation_mapper.ts` (Apache-2.0). An int64 is a string, bytes are base64.
 */
const int = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,19}$/)
    .transform(Number),
]);
const text = z.union([
  z.string().transform((value) => Buffer.from(value, 'base64').toString('latin1')),
  z.array(z.int().min(0).max(255)).transform((codes) => String.fromCharCode(...codes)),
]);
const dim = z.object({ size: int.default(-1) });
const shape = z.object({ dim: z.array(dim).default([]), unknownRank: z.boolean().default(false) });
const list = z.object({ i: z.array(int).default([]), s: z.array(text).default([]) });

/** Types by name and by number in TensorFlow's `types.proto`; TensorFlow.js narrows them the same way. */
const dtypes: ReadonlyMap<string | number, Dtype> = new Map<string | number, Dtype>([
  ...(['DT_FLOAT', 1, 'DT_HALF', 19, 'DT_DOUBLE', 2] as const).map((k) => [k, 'float32'] as const),
  ...(
    [
      'DT_INT32',
      3,
      'DT_INT64',
      9,
      'DT_INT8',
      6,
      'DT_UINT8',
      4,
      'DT_INT16',
      5,
      'DT_UINT16',
      17,
    ] as const
  ).map((k) => [k, 'int32'] as const),
  ['DT_BOOL', 'bool'],
  [10, 'bool'],
]);

export function dtypeNamed(value: unknown, node: string): Dtype {
  const known =
    typeof value === 'string' || typeof value === 'number' ? dtypes.get(value) : undefined;
  if (known) return known;
  throw new TfjsImportError(
    'TFJS_DTYPE_UNSUPPORTED',
    `Node ${node} is of type ${JSON.stringify(value)?.slice(0, 64)}, which is not imported.`,
    { node },
  );
}

/** The attributes of one node, read by name and checked when they are read. */
export class Attributes {
  readonly #node: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(node: string, values: Readonly<Record<string, unknown>>) {
    this.#node = node;
    this.#values = values;
  }

  bool(name: string, fallback: boolean): boolean {
    return this.#read(name, z.object({ b: z.boolean().default(false) }))?.b ?? fallback;
  }

  int(name: string, fallback: number): number {
    return this.#read(name, z.object({ i: int.default(0) }))?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.#read(name, z.object({ f: z.number().default(0) }))?.f ?? fallback;
  }

  text(name: string, fallback: string): string {
    return this.#read(name, z.object({ s: text.default('') }))?.s ?? fallback;
  }

  ints(name: string): readonly number[] {
    return this.#read(name, z.object({ list: list.optional() }))?.list?.i ?? [];
  }

  texts(name: string): readonly string[] {
    return this.#read(name, z.object({ list: list.optional() }))?.list?.s ?? [];
  }

  dtype(name: string, fallback?: Dtype): Dtype {
    const type = this.#read(name, z.object({ type: z.union([z.string(), z.number()]) }))?.type;
    if (type === undefined && fallback) return fallback;
    return dtypeNamed(type, this.#node);
  }

  /** Undefined when the rank is unknown or the attribute missing. */
  shape(name: string): Shape | undefined {
    const found = this.#read(name, z.object({ shape: shape.optional() }))?.shape;
    return found && !found.unknownRank ? found.dim.map((d) => d.size) : undefined;
  }

  #read<T extends z.ZodType>(name: string, schema: T): z.infer<T> | undefined {
    if (!Object.hasOwn(this.#values, name)) return undefined;
    const parsed = schema.safeParse(this.#values[name]);
    if (parsed.success) return parsed.data;
    throw new TfjsImportError(
      'TFJS_JSON_INVALID',
      `Node ${this.#node}: attribute "${name}" is ${JSON.stringify(this.#values[name])?.slice(0, 80)}.`,
      { node: this.#node, attribute: name },
    );
  }
}
