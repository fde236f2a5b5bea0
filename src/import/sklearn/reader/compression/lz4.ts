import { ByteInput } from './byte-input.ts';
import { corrupt, unsupportedStream } from './corrupt.ts';
import type { Inflated } from './inflated.ts';
import { xxh32 } from './xxh32.ts';

const magic = 0x184d2204;
const blockSizes: Readonly<Record<number, number>> = {
  4: 1 << 16,
  5: 1 << 18,
  6: 1 << 20,
  7: 1 << 22,
};

/**
 * An LZ4 frame (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), as joblib's `compress='lz4'` writes.
 * Written here, as no library takes a bound on what it puts out.
 * @returns the number of bytes read
 */
export function inflateLz4(bytes: Uint8Array, out: Inflated): number {
  const input = new ByteInput(bytes);
  if (input.u32() !== magic) throw corrupt('not an LZ4 frame');
  const flags = input.u8();
  if (flags >> 6 !== 1) throw unsupportedStream(`LZ4 frame version ${flags >> 6} is not read`);
  if (flags & 1) throw unsupportedStream('LZ4 with a dictionary is not read');
  const blockMaximum = blockSizes[(input.u8() >> 4) & 7];
  if (blockMaximum === undefined) throw corrupt('an LZ4 block size that does not exist');
  const declared = flags & 8 ? input.u64() : undefined;
  const header = bytes.subarray(4, input.at);
  if (input.u8() !== ((xxh32(header) >>> 8) & 255))
    throw corrupt('the LZ4 header does not fit its checksum');
  for (let size = input.u32(); size !== 0; size = input.u32()) {
    const stored = size >>> 31 === 1;
    const packed = input.take(size & 0x7fffffff);
    if (packed.length > blockMaximum) throw corrupt('an LZ4 block is larger than its frame allows');
    const start = out.length;
    if (stored) out.append(packed);
    else inflateBlock(packed, out, flags & 32 ? start : 0);
    if (out.length - start > blockMaximum) throw corrupt('an LZ4 block inflates beyond its size');
    if (flags & 16 && input.u32() !== xxh32(packed))
      throw corrupt('an LZ4 block does not fit its checksum');
    out.tick();
  }
  if (flags & 4 && input.u32() !== xxh32(out.result()))
    throw corrupt('the content does not fit its LZ4 checksum');
  if (declared !== undefined && declared !== BigInt(out.length))
    throw corrupt('the content has another length than its LZ4 header says');
  return input.at;
}

/** One block: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function inflateBlock(packed: Uint8Array, out: Inflated, start: number): void {
  const input = new ByteInput(packed);
  for (;;) {
    const token = input.u8();
    out.append(input.take(length(token >> 4, input)));
    if (input.left === 0) return;
    const distance = input.u8() | (input.u8() << 8);
    out.repeat(distance, length(token & 15, input) + 4, start);
  }
}

function length(nibble: number, input: ByteInput): number {
  let total = nibble;
  if (nibble < 15) return total;
  for (let more = 255; more === 255; total += more) more = input.u8();
  return total;
}
