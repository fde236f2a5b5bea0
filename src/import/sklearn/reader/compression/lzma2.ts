import type { ByteInput } from './byte-input.ts';
import { corrupt } from './corrupt.ts';
import type { Inflated } from './inflated.ts';
import { LzmaDecoder } from './lzma-decoder.ts';
import { RangeDecoder } from './range-decoder.ts';

/** LZMA2 chunks up to their end mark (xz-embedded's `xz_dec_lzma2.c` states the control bytes). */
export function inflateLzma2(input: ByteInput, out: Inflated): void {
  let start = out.length;
  let properties: number | undefined;
  let decoder: LzmaDecoder | undefined;
  let fresh = true;
  for (let control = input.u8(); control !== 0; control = input.u8()) {
    out.tick();
    if (control === 1 || control >= 0xe0) start = out.length;
    else if (fresh) throw corrupt('an LZMA2 stream that does not begin with a new dictionary');
    fresh = false;
    if (control < 3) out.append(input.take(input.u16be() + 1));
    else if (control < 0x80)
      throw corrupt(`an LZMA2 control byte ${control}, which does not exist`);
    else {
      const inflated = ((control & 31) << 16) + input.u16be() + 1;
      const packed = input.u16be() + 1;
      const reset = (control >> 5) & 3;
      if (reset >= 2) properties = input.u8();
      if (properties === undefined) throw corrupt('an LZMA2 chunk before any properties');
      if (reset >= 1 || !decoder) decoder = new LzmaDecoder(properties, out);
      const from = input.at;
      input.take(packed);
      const rc = new RangeDecoder(input.bytes, from, from + packed);
      if (decoder.decode(rc, start, out.length + inflated) || rc.at !== input.at)
        throw corrupt('an LZMA2 chunk of another length than it says');
    }
  }
}
