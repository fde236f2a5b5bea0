import { BitInput } from './bit-input.ts';
import { corrupt, unsupportedStream } from './corrupt.ts';
import type { Inflated } from './inflated.ts';
import { HuffmanTable, readLengths } from './bzip2-huffman.ts';
import { Bzip2Crc } from './bzip2-crc.ts';

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;

/**
 * A bzip2 stream (format: https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf), with its checksums.
 * Written here: the libraries for it are unbounded, or loop for ever on run lengths made to overflow.
 * @returns the number of bytes read
 */
export function inflateBzip2(bytes: Uint8Array, out: Inflated): number {
  const input = new BitInput(bytes, 3);
  const level = input.bits(8) - 0x30;
  if (level < 1 || level > 9) throw corrupt('a bzip2 block size that does not exist');
  const block = new Uint32Array(level * 100_000);
  let combined = 0;
  for (;;) {
    const magic = input.bits(24) * 2 ** 24 + input.bits(24);
    const checksum = (input.bits(16) * 65536 + input.bits(16)) >>> 0;
    if (magic === endMagic) {
      if (checksum !== combined) throw corrupt('the content does not fit its bzip2 checksum');
      return input.alignedOffset();
    }
    if (magic !== blockMagic) throw corrupt('a bzip2 block without its mark');
    out.tick();
    const crc = new Bzip2Crc();
    if (input.bits(1) === 1)
      throw unsupportedStream('randomised bzip2 blocks (before 0.9.5) are not read');
    const origin = input.bits(24);
    const length = readSymbols(input, block);
    writeBlock(block, length, origin, out, crc);
    if (crc.value !== checksum) throw corrupt('a bzip2 block does not fit its checksum');
    combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
  }
}

/** Huffman codes, move-to-front and run lengths of one block. @returns its number of bytes */
function readSymbols(input: BitInput, block: Uint32Array): number {
  const used = readUsed(input);
  const front = Uint8Array.from(used);
  const { tables, selectors } = readTables(input, used.length + 2);
  const endOfBlock = used.length + 1;
  let length = 0;
  let run = 0;
  let place = 1;
  for (let group = 0; group < selectors.length; group += 1) {
    const table = tables[selectors[group] ?? 0];
    if (!table) throw corrupt('a bzip2 selector of a table that does not exist');
    for (let i = 0; i < groupSize; i += 1) {
      const symbol = table.read(input);
      if (symbol < 2) {
        run += place << symbol;
        place *= 2;
        // Beyond the block's length already: stop before the sum can grow without bound.
        if (run > block.length) throw corrupt('a bzip2 run is longer than its block');
        continue;
      }
      if (run > 0) {
        if (run > block.length - length) throw corrupt('a bzip2 block is longer than it may be');
        block.fill(front[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        place = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length >= block.length) throw corrupt('a bzip2 block is longer than it may be');
      const byte = front[symbol - 1] ?? 0;
      front.copyWithin(1, 0, symbol - 1);
      front[0] = byte;
      block[length] = byte;
      length += 1;
    }
  }
  throw corrupt('a bzip2 block has no end');
}

/** The byte values that occur in the block, as two levels of bit maps. */
function readUsed(input: BitInput): number[] {
  const rows = input.bits(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const columns = input.bits(16);
    for (let column = 0; column < 16; column += 1)
      if (((columns >> (15 - column)) & 1) === 1) used.push(row * 16 + column);
  }
  if (used.length === 0) throw corrupt('a bzip2 block without any byte');
  return used;
}

function readTables(input: BitInput, symbols: number) {
  const count = input.bits(3);
  const selectorCount = input.bits(15);
  if (count < 2 || count > 6 || selectorCount === 0)
    throw corrupt('a bzip2 block with impossible tables');
  const order = Array.from({ length: count }, (_, i) => i);
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i += 1) {
    let at = 0;
    while (input.bits(1) === 1) at += 1;
    const [chosen] = order.splice(at, 1);
    if (chosen === undefined) throw corrupt('a bzip2 selector of a table that does not exist');
    order.unshift(chosen);
    selectors[i] = chosen;
  }
  const tables = Array.from({ length: count }, () => new HuffmanTable(readLengths(input, symbols)));
  return { tables, selectors };
}

/** Undoes the Burrows-Wheeler transform and the first run-length coding (4 equal bytes, then a count). */
function writeBlock(
  block: Uint32Array,
  length: number,
  origin: number,
  out: Inflated,
  crc: Bzip2Crc,
): void {
  if (origin >= length) throw corrupt('a bzip2 block that begins beyond its end');
  link(block, length);
  let at = (block[origin] ?? 0) >>> 8;
  let previous = -1;
  let same = 0;
  for (let i = 0; i < length; i += 1) {
    const entry = block[at] ?? 0;
    const byte = entry & 255;
    at = entry >>> 8;
    if (same === 4) {
      emit(previous, byte, out, crc);
      same = 0;
      previous = -1;
      continue;
    }
    same = byte === previous ? same + 1 : 1;
    previous = byte;
    emit(byte, 1, out, crc);
  }
}

function emit(byte: number, count: number, out: Inflated, crc: Bzip2Crc): void {
  out.reserve(count);
  for (let i = 0; i < count; i += 1) {
    out.bytes[out.length] = byte;
    out.length += 1;
    crc.add(byte);
  }
}

/** Puts into the upper 24 bits of each entry where the byte after it lies. */
function link(block: Uint32Array, length: number): void {
  const starts = new Uint32Array(257);
  for (let i = 0; i < length; i += 1)
    starts[(block[i] ?? 0) + 1] = (starts[(block[i] ?? 0) + 1] ?? 0) + 1;
  for (let byte = 1; byte < 257; byte += 1)
    starts[byte] = (starts[byte] ?? 0) + (starts[byte - 1] ?? 0);
  for (let i = 0; i < length; i += 1) {
    const byte = (block[i] ?? 0) & 255;
    const at = starts[byte] ?? 0;
    starts[byte] = at + 1;
    block[at] = ((block[at] ?? 0) | (i << 8)) >>> 0;
  }
}
