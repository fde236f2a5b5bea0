import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ByteInput } from './byte-input.ts';
import { corrupt, unsupportedStream } from './corrupt.ts';
import { crc64 } from './crc64.ts';
import type { Inflated } from './inflated.ts';
import { inflateLzma2 } from './lzma2.ts';

const lzma2 = 0x21;
/** Bytes of each check by its number; "The .xz File Format" 2.1.1.2. */
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

interface Block {
  readonly unpadded: number;
  readonly inflated: number;
}

/**
 * One `.xz` stream (https://tukaani.org/xz/xz-file-format.txt) with the LZMA2 filter alone, as Python's `lzma` writes.
 * Checks of CRC32, CRC64 and SHA-256 are verified, and so is the index.
 * @returns the number of bytes read
 */
export function inflateXz(bytes: Uint8Array, out: Inflated): number {
  const input = new ByteInput(bytes, 6);
  const flags = input.take(2);
  if (input.u32() !== crc32(flags)) throw corrupt('the xz header does not fit its checksum');
  const check = flags[1] ?? 0;
  if (flags[0] !== 0 || check > 15) throw unsupportedStream('xz flags that are not known');
  const blocks: Block[] = [];
  for (let size = input.u8(); size !== 0; size = input.u8()) {
    blocks.push(inflateBlock(input, size, check, out));
    out.tick();
  }
  readIndex(input, blocks);
  const footer = input.take(12);
  if (footer[10] !== 0x59 || footer[11] !== 0x5a) throw corrupt('the xz footer is missing');
  const sum = new DataView(footer.buffer, footer.byteOffset).getUint32(0, true);
  if (sum !== crc32(footer.subarray(4, 10)))
    throw corrupt('the xz footer does not fit its checksum');
  if (footer[8] !== flags[0] || footer[9] !== check) throw corrupt('xz header and footer differ');
  return input.at;
}

function inflateBlock(input: ByteInput, size: number, check: number, out: Inflated): Block {
  const from = input.at - 1;
  const length = (size + 1) * 4;
  readBlockHeader(input.bytes.subarray(from, from + length), length);
  input.take(length - 1);
  const start = out.length;
  inflateLzma2(input, out);
  const unpadded = input.at - from;
  if (input.take((4 - (unpadded & 3)) & 3).some((byte) => byte !== 0))
    throw corrupt('xz padding that is not 0');
  const sum = input.take(checkSizes[check] ?? 0);
  if (!fits(check, sum, out.bytes.subarray(start, out.length)))
    throw corrupt('an xz block does not fit its checksum');
  return { unpadded: unpadded + sum.length, inflated: out.length - start };
}

function readBlockHeader(header: Uint8Array, length: number): void {
  const input = new ByteInput(header, 1);
  if (header.length < length) throw corrupt('the xz stream ends in a block header');
  const sum = new DataView(header.buffer, header.byteOffset).getUint32(length - 4, true);
  if (sum !== crc32(header.subarray(0, length - 4)))
    throw corrupt('an xz block header does not fit its checksum');
  const flags = input.u8();
  if (flags & 0x40) variable(input);
  if (flags & 0x80) variable(input);
  if ((flags & 3) !== 0 || variable(input) !== lzma2)
    throw unsupportedStream('xz filters other than LZMA2 are not read');
}

function readIndex(input: ByteInput, blocks: readonly Block[]): void {
  const from = input.at - 1;
  if (variable(input) !== blocks.length) throw corrupt('the xz index has another number of blocks');
  for (const block of blocks)
    if (variable(input) !== block.unpadded || variable(input) !== block.inflated)
      throw corrupt('the xz index does not fit its blocks');
  input.take((4 - ((input.at - from) & 3)) & 3);
  const index = input.bytes.subarray(from, input.at);
  if (input.u32() !== crc32(index)) throw corrupt('the xz index does not fit its checksum');
}

/** 7 bits a byte, the lowest first. */
function variable(input: ByteInput): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 56; scale *= 128) {
    const byte = input.u8();
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw corrupt('a number in the xz stream is too long');
}

function fits(check: number, sum: Uint8Array, data: Uint8Array): boolean {
  if (check === 0) return true;
  const view = new DataView(sum.buffer, sum.byteOffset);
  if (check === 1) return view.getUint32(0, true) === crc32(data);
  if (check === 4) return view.getBigUint64(0, true) === crc64(data);
  if (check === 10) return createHash('sha256').update(data).digest().equals(sum);
  throw unsupportedStream(`xz check ${check} is not known`);
}
