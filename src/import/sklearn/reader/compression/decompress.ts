import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Deadline } from '../deadline.ts';
import type { ReadLimits } from '../limits.ts';
import { inflateBzip2 } from './bzip2.ts';
import { corrupt } from './corrupt.ts';
import { Inflated, tooLarge } from './inflated.ts';
import { inflateLz4 } from './lz4.ts';
import { inflateLzmaAlone } from './lzma-alone.ts';
import { inflateXz } from './xz.ts';

export type Compression = 'zlib' | 'gzip' | 'bz2' | 'xz' | 'lzma' | 'lz4' | 'zstd';

/** How the bytes begin that each compression writes; `joblib/compressor.py` tells them apart in the same way. */
const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['bz2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lzma', [0x5d, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** The compression that the first bytes tell; names of files are never looked at. */
export function detectCompression(bytes: Uint8Array): Compression | undefined {
  // RFC 1950: deflate with a 32 KiB window, and a header that is a multiple of 31.
  if (bytes[0] === 0x78 && (0x7800 + (bytes[1] ?? 0)) % 31 === 0) return 'zlib';
  return magics.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0];
}

/**
 * Inflates the whole stream within the limits.
 * @throws COMPRESSION_LIMIT, COMPRESSION_CORRUPT (also when bytes follow the stream), COMPRESSION_UNSUPPORTED, READ_TIMEOUT
 */
export function decompress(
  bytes: Uint8Array,
  by: Compression,
  limits: ReadLimits,
  deadline: Deadline,
): Uint8Array {
  const allowed = Math.min(
    limits.inflatedBytes,
    Math.max(limits.ratioFloorBytes, bytes.length * limits.ratio),
  );
  switch (by) {
    case 'zlib':
    case 'gzip':
    case 'zstd':
      return native(bytes, by, allowed);
    case 'bz2':
      return own(bytes, inflateBzip2, allowed, deadline);
    case 'xz':
      return own(bytes, inflateXz, allowed, deadline);
    case 'lzma':
      return own(bytes, inflateLzmaAlone, allowed, deadline);
    case 'lz4':
      return own(bytes, inflateLz4, allowed, deadline);
  }
}

type Decoder = (bytes: Uint8Array, out: Inflated) => number;

function own(bytes: Uint8Array, decode: Decoder, allowed: number, deadline: Deadline): Uint8Array {
  const out = new Inflated(allowed, deadline);
  refuseRest(decode(bytes, out), bytes.length);
  return out.result();
}

const natives = { zlib: inflateSync, gzip: gunzipSync, zstd: zstdDecompressSync };

function native(bytes: Uint8Array, by: keyof typeof natives, allowed: number): Uint8Array {
  try {
    // With `info`, Node gives the engine too, which knows how many bytes it took.
    const { buffer, engine } = natives[by](bytes, {
      maxOutputLength: allowed,
      info: true,
    }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    refuseRest(engine.bytesWritten, bytes.length);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(allowed);
    if (typeof code === 'string' && code.startsWith('Z'))
      throw corrupt(`the ${by} stream is damaged or cut off (${code})`, error);
    throw error;
  }
}

function refuseRest(read: number, given: number): void {
  if (read !== given)
    throw corrupt(`${given - read} bytes follow the end of the compressed stream`);
}
