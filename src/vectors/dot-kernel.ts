/**
 * Products of byte vectors by SIMD instructions, which JavaScript has only in WebAssembly. It is written here instruction by
 * instruction, in the binary format (webassembly.github.io/spec/core/binary), for want of anything that needs a compiler.
 */

type Code = readonly number[];

const i32 = 0x7f;
const v128 = 0x7b;

/** Parameters and locals, by their numbers. */
const names = { row: 0, rows: 1, query: 2, into: 3, width: 4, at: 5, end: 6, sum: 7 } as const;
type Name = keyof typeof names;

const get = (name: Name): Code => [0x20, names[name]];
const set = (name: Name): Code => [0x21, names[name]];
const constant = (value: number): Code => [0x41, value];
const add: Code = [0x6a];
const subtract: Code = [0x6b];
const isLess: Code = [0x49];
const store: Code = [0x36, 2, 0];
/** Does it again while its last value is not 0. */
const loop = (...body: readonly Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b];
const advance = (name: Name, ...by: readonly Code[]): Code =>
  [get(name), ...by, add, set(name)].flat();

const simd = (code: number): Code => [0xfd, ...unsigned(code)];
const load: Code = [...simd(0x00), 0, 0];
const zeros: Code = [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)];
/** Products of the first, or of the last, 8 bytes of two vectors: up to 127² each, so that two of them fit into 16 bits. */
const multiplyLow = simd(0x9c);
const multiplyHigh = simd(0x9d);
const add16 = simd(0x8e);
/** 8 numbers of 16 bits to 4 of 32, neighbours added. */
const addPairs = simd(0x7e);
const add32 = simd(0xae);
const lane = (number: number): Code => [...get('sum'), ...simd(0x1b), number];

/** 16 values of a row and of the query. */
const both: Code = [...get('row'), ...load, ...get('at'), ...load];
const oneRow: readonly Code[] = [
  [...get('query'), ...set('at')],
  [...get('row'), ...get('width'), ...add, ...set('end')],
  [...zeros, ...set('sum')],
  loop(
    [...both, ...multiplyLow, ...both, ...multiplyHigh, ...add16, ...addPairs],
    [...get('sum'), ...add32, ...set('sum')],
    advance('at', constant(16)),
    advance('row', constant(16)),
    [...get('row'), ...get('end'), ...isLess],
  ),
  [...get('into'), ...lane(0), ...lane(1), ...add, ...lane(2), ...add, ...lane(3), ...add],
  store,
  advance('into', constant(4)),
  [...get('rows'), ...constant(1), ...subtract, ...set('rows')],
];

const locals: Code = [2, 2, i32, 1, v128];
const body: Code = [...locals, ...loop(...oneRow, get('rows')), 0x0b];

const text = (value: string): Code => [value.length, ...Buffer.from(value)];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

/** What every file begins with, and the version. */
const magic: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const binary = Uint8Array.from([
  ...magic,
  ...section(1, [1, 0x60, 5, i32, i32, i32, i32, i32, 0]),
  ...section(2, [1, ...text('host'), ...text('memory'), 0x02, 0x00, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...text('dots'), 0x00, 0]),
  ...section(10, [1, ...unsigned(body.length), ...body]),
]);

let compiled: WebAssembly.Module | undefined;

/**
 * The function that writes, for `count` rows from the address `rows` on, 4 bytes at `into`: the product with the vector at
 * `query`. All are of `width` signed bytes of -127 to 127, a multiple of 16.
 */
export function dotKernel(
  memory: WebAssembly.Memory,
): (rows: number, count: number, query: number, into: number, width: number) => void {
  compiled ??= new WebAssembly.Module(binary);
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  return exports['dots'] as ReturnType<typeof dotKernel>;
}

/** LEB128. */
function unsigned(value: number): Code {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...unsigned(value >>> 7)] : [low];
}
