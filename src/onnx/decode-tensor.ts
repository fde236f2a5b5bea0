import { dataTypes } from './model.ts';
import type { Int64, Tensor } from './model.ts';
import { readEntry } from './decode-entry.ts';
import { readMessage } from './message-reader.ts';
import type { Field } from './message-reader.ts';

/** Reads a `TensorProto`; the typed lists that a file may use instead of raw data become raw data. */
export function decodeTensor(field: Field): Tensor {
  field.budget.take('maxTensors');
  const head = { name: '', dataType: 0 };
  const dims: Int64[] = [];
  const strings: Uint8Array[] = [];
  const externalData = new Map<string, string>();
  const lists = { floats: [] as number[], ints: [] as Int64[], doubles: [] as number[] };
  let raw: Uint8Array | undefined;
  readMessage(field.bytes(), field.depth + 1, field.budget, {
    1: (f) => f.ints(dims),
    2: (f) => (head.dataType = f.smallInt()),
    4: (f) => f.floats(lists.floats),
    5: (f) => f.ints(lists.ints),
    6: (f) => {
      f.budget.take('maxItems');
      strings.push(f.bytes());
    },
    7: (f) => f.ints(lists.ints),
    8: (f) => (head.name = f.text()),
    9: (f) => (raw = f.bytes()),
    10: (f) => f.doubles(lists.doubles),
    11: (f) => f.ints(lists.ints),
    13: (f) => readEntry(f, externalData),
  });
  raw ??= rawOf(head.dataType, lists);
  return {
    ...head,
    dims: dims.map(Number),
    ...(raw ? { raw } : {}),
    ...(strings.length > 0 ? { strings } : {}),
    ...(externalData.size > 0 ? { externalData } : {}),
  };
}

interface TypedLists {
  readonly floats: number[];
  readonly ints: Int64[];
  readonly doubles: number[];
}

/** onnx.proto packs the small integer types, and float16 as its bits, into `int32_data`. */
function rawOf(type: number, lists: TypedLists): Uint8Array | undefined {
  if (lists.floats.length > 0) return bytesOf(Float32Array.from(lists.floats));
  if (lists.doubles.length > 0) return bytesOf(Float64Array.from(lists.doubles));
  if (lists.ints.length === 0) return undefined;
  if (type === dataTypes.int64 || type === dataTypes.uint64) {
    return bytesOf(BigInt64Array.from(lists.ints, BigInt));
  }
  const ints = lists.ints.map(Number);
  if (type === dataTypes.int32 || type === dataTypes.uint32) return bytesOf(Int32Array.from(ints));
  const oneByte = type === dataTypes.bool || type === dataTypes.int8 || type === dataTypes.uint8;
  return oneByte ? bytesOf(Int8Array.from(ints)) : bytesOf(Int16Array.from(ints));
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
