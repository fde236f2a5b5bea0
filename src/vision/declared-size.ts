import { jpegSize } from './jpeg-structure.ts';
import { pngSize } from './png-structure.ts';
import { sniffFormat } from './sniff.ts';

/**
 * Width and height that the header declares, before the EXIF orientation; PNG and JPEG only, other
 * formats are undefined. Reads no pixel, so a bomb is refused before anything is allocated.
 */
export function declaredSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const format = sniffFormat(bytes);
  if (format === 'png') return pngSize(bytes);
  if (format === 'jpeg') return jpegSize(bytes);
  return undefined;
}
