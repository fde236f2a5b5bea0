import { ByteInput } from './byte-input.ts';
import { corrupt } from './corrupt.ts';
import type { Inflated } from './inflated.ts';
import { LzmaDecoder } from './lzma-decoder.ts';
import { RangeDecoder } from './range-decoder.ts';

const unknownLength = 0xffffffffffffffffn;

/**
 * A `.lzma` file (LZMA specification, ".lzma file format"): 13 bytes of header, then one stream.
 * @returns the number of bytes read
 */
export function inflateLzmaAlone(bytes: Uint8Array, out: Inflated): number {
  const input = new ByteInput(bytes);
  const properties = input.u8();
  input.u32(); // The dictionary's size; the window is the output.
  const length = input.u64();
  if (length !== unknownLength && length > 2n ** 53n)
    throw corrupt('an impossible length in the LZMA header');
  if (length !== unknownLength) out.reserve(0);
  const decoder = new LzmaDecoder(properties, out);
  const rc = new RangeDecoder(bytes, input.at, bytes.length);
  const end = length === unknownLength ? Infinity : Number(length);
  const marked = decoder.decode(rc, 0, end);
  if (!marked && end === Infinity) throw corrupt('the LZMA stream has no end');
  if (marked && end !== Infinity && out.length !== end)
    throw corrupt('the LZMA stream ends too early');
  return rc.at;
}
