import { fromPixels } from './letterbox.ts';
import type { Pixels } from './pixels.ts';

export type EncodedFormat = 'png' | 'jpeg';

/** The picture as a file, without metadata. JPEG at quality 90 without chroma subsampling, for thin lines. */
export async function encode(pixels: Pixels, format: EncodedFormat): Promise<Uint8Array> {
  const pipeline = fromPixels(pixels);
  return format === 'png'
    ? await pipeline.png().toBuffer()
    : await pipeline.jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();
}
