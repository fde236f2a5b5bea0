import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { box } from '../../src/protocol/image.ts';
import { decode } from '../../src/vision/decode.ts';
import { letterbox } from '../../src/vision/letterbox.ts';
import { crop, type Pixels } from '../../src/vision/pixels.ts';
import { resizeCubic } from '../../src/vision/resize-cubic.ts';

/** SHA-256 of Pillow's pixels, by test/fixtures/embeddings/clip_oracle.py. */
const pictures = z
  .array(
    z.object({
      photo: z.string(),
      part: box.nullable(),
      size: z.int(),
      fit: z.enum(['crop', 'stretch', 'none']),
      sha256: z.string(),
    }),
  )
  .parse(
    JSON.parse(
      readFileSync(new URL('../fixtures/embeddings/pictures.json', import.meta.url), 'utf8'),
    ),
  );

for (const { photo, part, size, fit, sha256 } of pictures) {
  const what = `${photo}${part ? ` at ${part.join(' ')}` : ''}`;
  test(`${what}, ${fit} ${size}: every byte as Pillow's`, async () => {
    const bytes = readFileSync(new URL(`../../photos/${photo}`, import.meta.url));
    const whole = await decode(bytes, { maxPixels: 1e7, formats: ['png', 'jpeg'] });
    const picture = part ? crop(whole, part) : whole;
    const shown = fit === 'none' ? picture : await fitted(picture, fit, size);
    assert.equal(createHash('sha256').update(shown.data).digest('hex'), sha256);
  });
}

async function fitted(picture: Pixels, fit: 'crop' | 'stretch', size: number): Promise<Pixels> {
  const options = { width: size, height: size, pad: 0, fit, resample: 'cubic' } as const;
  return (await letterbox(picture, options)).pixels;
}

test('one pixel becomes any size, and a line one pixel', () => {
  const dot: Pixels = { data: Uint8Array.of(10, 200, 255), width: 1, height: 1 };
  const wide = resizeCubic(dot, 3, 2);
  assert.deepEqual([...wide.data], Array.from({ length: 6 }, () => [10, 200, 255]).flat());
  const line: Pixels = { data: new Uint8Array(300).fill(255), width: 100, height: 1 };
  assert.deepEqual([...resizeCubic(line, 1, 1).data], [255, 255, 255]);
});
