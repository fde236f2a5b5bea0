import { latin1, viewOf } from './sniff.ts';

/** What a file holds besides its compressed pixels. Ranges are `[start, end)` in bytes. */
export interface Structure {
  /** First byte after the end of the image; undefined when the file ends before the image does. */
  readonly end: number | undefined;
  /** Metadata: comments, text, profiles. */
  readonly metadata: readonly (readonly [number, number])[];
  /** Frames that the header declares; 1 for a still image. */
  readonly frames: number;
}

const SIGNATURE_BYTES = 8;
/** Length, type and CRC around the data of a chunk. */
const CHUNK_OVERHEAD = 12;

/** Walks the chunks of a PNG (W3C PNG, third edition, §5.3) without inflating anything. */
export function pngStructure(bytes: Uint8Array): Structure {
  const view = viewOf(bytes);
  const metadata: (readonly [number, number])[] = [];
  let frames = 1;
  for (let at = SIGNATURE_BYTES; at + CHUNK_OVERHEAD <= bytes.length;) {
    const length = view.getUint32(at);
    const type = latin1(bytes, at + 4, at + 8);
    const next = at + CHUNK_OVERHEAD + length;
    if (next > bytes.length) break;
    if (type === 'IEND') return { end: next, metadata, frames };
    if (type === 'acTL' && length >= 4) frames = view.getUint32(at + 8);
    if (type !== 'IDAT' && type !== 'fdAT') metadata.push([at + 8, at + 8 + length]);
    at = next;
  }
  return { end: undefined, metadata, frames };
}

/** Width and height from IHDR, which must be the first chunk; undefined when it is not. */
export function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes.length < 24 || latin1(bytes, 12, 16) !== 'IHDR') return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
