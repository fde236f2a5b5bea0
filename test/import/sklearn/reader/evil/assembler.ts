import { Buffer } from 'node:buffer';

/** Pickle opcodes by hand: parts are texts (latin-1), bytes or numbers (one byte each). */
export function bytes(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      parts.map((part) => {
        if (typeof part === 'string') return Buffer.from(part, 'latin1');
        return typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part);
      }),
    ),
  );
}

export function u16(value: number): Uint8Array {
  const out = Buffer.alloc(2);
  out.writeUInt16LE(value);
  return out;
}

export function u32(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0);
  return out;
}

export function u64(value: bigint): Uint8Array {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
}

/** PROTO. */
export function proto(version: number): Uint8Array {
  return bytes(0x80, version);
}

/** SHORT_BINUNICODE, or BINUNICODE for long texts. */
export function str(text: string): Uint8Array {
  const data = Buffer.from(text, 'utf8');
  return data.length < 256 ? bytes(0x8c, data.length, data) : bytes('X', u32(data.length), data);
}

/** STACK_GLOBAL. */
export function global4(module: string, name: string): Uint8Array {
  return bytes(str(module), str(name), 0x93);
}

/** GLOBAL. */
export function global0(module: string, name: string): Uint8Array {
  return bytes(`c${module}\n${name}\n`);
}

/** A numpy dtype as protocol 4 writes it: REDUCE and BUILD. */
export function dtype(
  code: string,
  order = '<',
  rest: Uint8Array = bytes('NNNJ', u32(-1), 'J', u32(-1), 'K', 0),
): Uint8Array {
  return bytes(
    global4('numpy', 'dtype'),
    str(code),
    0x89,
    0x88,
    0x87,
    'R',
    '(K',
    3,
    str(order),
    rest,
    't',
    'b',
  );
}

/** A numpy array as protocol 4 writes it, with any shape, dtype and data (opcodes). */
export function array(
  shape: Uint8Array,
  type: Uint8Array,
  data: Uint8Array,
  fortran = 0x89,
): Uint8Array {
  return bytes(
    global4('numpy.core.multiarray', '_reconstruct'),
    global4('numpy', 'ndarray'),
    'K',
    0,
    0x85,
    'C',
    1,
    'b',
    0x87,
    'R',
    '(K',
    1,
    shape,
    type,
    fortran,
    data,
    't',
    'b',
  );
}

/** SHORT_BINBYTES. */
export function shortBytes(data: Uint8Array): Uint8Array {
  return bytes('C', data.length, data);
}

/** A joblib wrapper up to its BUILD; the raw array follows. */
export function wrapper(
  shape: Uint8Array,
  type: Uint8Array,
  order = 'C',
  alignment: Uint8Array = bytes('K', 16),
): Uint8Array {
  return bytes(
    global4('joblib.numpy_pickle', 'NumpyArrayWrapper'),
    ')',
    0x81,
    '}(',
    str('subclass'),
    global4('numpy', 'ndarray'),
    str('shape'),
    shape,
    str('order'),
    str(order),
    str('dtype'),
    type,
    str('allow_mmap'),
    0x88,
    str('numpy_array_alignment_bytes'),
    alignment,
    'u',
    'b',
  );
}
