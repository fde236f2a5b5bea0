import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../../src/errors.ts';
import { FoveaError } from '../../src/errors.ts';
import { sharp } from '../../src/vision/codec.ts';
import { decode, type ImageLimits, inspect } from '../../src/vision/decode.ts';
import { animated, astronaut, bomb, LIMITS, oriented, withChunk } from './image-files.ts';

const EVERY_FORMAT: ImageLimits = {
  maxPixels: 40_000_000,
  formats: ['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff', 'heic', 'bmp'],
};
const plain = await decode(astronaut, LIMITS);

/** Mean absolute difference per value, 0 to 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof FoveaError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

describe('decode', () => {
  const same = {
    'Adam7 PNG': [() => sharp(astronaut).png({ progressive: true }), 0],
    '16-bit PNG': [() => sharp(astronaut).toColourspace('rgb16').png(), 0.5],
    'palette PNG': [() => sharp(astronaut).png({ palette: true }), 8],
    'opaque RGBA PNG': [() => sharp(astronaut).ensureAlpha(1).png(), 0],
    'progressive JPEG': [() => sharp(astronaut).jpeg({ progressive: true, quality: 95 }), 4],
    'CMYK JPEG': [() => sharp(astronaut).toColourspace('cmyk').jpeg({ quality: 95 }), 12],
  } as const;
  for (const [name, [make, tolerance]] of Object.entries(same)) {
    it(`gives the same picture for ${name}`, async () => {
      const pixels = await decode(await make().toBuffer(), LIMITS);
      assert.deepEqual([pixels.width, pixels.height], [512, 512]);
      const found = difference(pixels.data, plain.data);
      assert.ok(found <= tolerance, `mean difference ${found}, at most ${tolerance}`);
    });
  }

  it('reads the stored values and leaves colour profiles alone, as OpenCV does', async () => {
    const jpeg = await sharp(astronaut).jpeg().toBuffer();
    const { icc } = await sharp(
      await sharp(astronaut).withIccProfile('p3').jpeg().toBuffer(),
    ).metadata();
    assert.ok(icc);
    const payload = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc]);
    const header = Buffer.from([0xff, 0xe2, (payload.length + 2) >> 8, (payload.length + 2) & 255]);
    const tagged = Buffer.concat([jpeg.subarray(0, 2), header, payload, jpeg.subarray(2)]);
    assert.equal((await sharp(tagged).metadata()).hasProfile, true);
    assert.deepEqual((await decode(tagged, LIMITS)).data, (await decode(jpeg, LIMITS)).data);
  });

  for (const depth of ['b-w', 'grey16'] as const) {
    it(`gives three equal channels for gray (${depth}), with and without alpha`, async () => {
      const gray = sharp(astronaut).toColourspace(depth);
      for (const image of [gray.clone(), gray.clone().ensureAlpha(1)]) {
        const { data } = await decode(await image.png().toBuffer(), LIMITS);
        assert.equal(data.length, 512 * 512 * 3);
        assert.ok(data.every((value, at) => value === data[at - (at % 3)]));
      }
    });
  }

  it('shows transparent parts white', async () => {
    const transparent = { r: 200, g: 0, b: 0, alpha: 0 };
    const create = { width: 4, height: 4, channels: 4, background: transparent } as const;
    const { data } = await decode(await sharp({ create }).png().toBuffer(), LIMITS);
    assert.ok(data.every((value) => value === 255));
  });

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`applies EXIF orientation ${orientation}`, async () => {
      const bytes = await oriented(orientation);
      assert.equal((await inspect(bytes, LIMITS)).orientation, orientation);
      const found = difference((await decode(bytes, LIMITS)).data, plain.data);
      assert.ok(found < 4, `mean difference ${found}`);
    });
  }

  it('applies the orientation to width and height too', async () => {
    const bytes = await sharp(astronaut)
      .resize(80, 40, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height } = await inspect(bytes, LIMITS);
    const pixels = await decode(bytes, LIMITS);
    assert.deepEqual([width, height], [40, 80]);
    assert.deepEqual([pixels.width, pixels.height], [40, 80]);
  });

  it('accepts WebP, AVIF and TIFF when they are configured', async () => {
    for (const make of ['webp', 'avif', 'tiff'] as const) {
      const bytes = await sharp(astronaut).resize(64, 64).toFormat(make).toBuffer();
      assert.equal((await decode(bytes, EVERY_FORMAT)).data.length, 64 * 64 * 3, make);
      await assert.rejects(decode(bytes, LIMITS), refusal('IMAGE_FORMAT_UNSUPPORTED'));
    }
  });
});

describe('decode refuses', async () => {
  const jpeg = await sharp(astronaut).jpeg().toBuffer();
  const progressive = await sharp(astronaut).jpeg({ progressive: true }).toBuffer();
  const cut = (bytes: Uint8Array, share: number) =>
    bytes.subarray(0, Math.floor(bytes.length * share));
  // JPEG has no checksum: bytes that are replaced may still decode, bytes that are missing show.
  const gap = Buffer.concat([jpeg.subarray(0, 20_000), jpeg.subarray(22_000)]);
  const scratched = Buffer.from(astronaut).fill(0x55, 400_000, 400_200);
  const twoFrames = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

  const table: Record<string, readonly [Uint8Array, ErrorCode, ImageLimits?]> = {
    'no bytes': [new Uint8Array(), 'IMAGE_EMPTY'],
    text: [Buffer.from('hello'), 'IMAGE_FORMAT_UNSUPPORTED'],
    SVG: [Buffer.from('<svg width="9" height="9"/>'), 'IMAGE_FORMAT_UNSUPPORTED', EVERY_FORMAT],
    HTML: [Buffer.from('<html><img></html>'), 'IMAGE_FORMAT_UNSUPPORTED'],
    PDF: [Buffer.from('%PDF-1.7'), 'IMAGE_FORMAT_UNSUPPORTED', EVERY_FORMAT],
    'HEIC, which has no decoder here': [heic, 'IMAGE_FORMAT_UNSUPPORTED', EVERY_FORMAT],
    'a GIF when only PNG and JPEG are accepted': [
      await animated('gif'),
      'IMAGE_FORMAT_UNSUPPORTED',
    ],
    'a PNG cut at 60 %': [cut(astronaut, 0.6), 'IMAGE_CORRUPT'],
    'a PNG cut at 98 %': [cut(astronaut, 0.98), 'IMAGE_CORRUPT'],
    'a PNG cut in its header': [astronaut.subarray(0, 20), 'IMAGE_CORRUPT'],
    'a JPEG cut at 60 %': [cut(jpeg, 0.6), 'IMAGE_CORRUPT'],
    'a JPEG cut at 98 %': [cut(jpeg, 0.98), 'IMAGE_CORRUPT'],
    'a JPEG of 200 bytes': [jpeg.subarray(0, 200), 'IMAGE_CORRUPT'],
    'a progressive JPEG cut at 60 %': [cut(progressive, 0.6), 'IMAGE_CORRUPT'],
    'a progressive JPEG cut at 98 %': [cut(progressive, 0.98), 'IMAGE_CORRUPT'],
    'a JPEG cut at 60 % and closed again': [
      Buffer.concat([cut(jpeg, 0.6), Buffer.from([0xff, 0xd9])]),
      'IMAGE_CORRUPT',
    ],
    'a JPEG with bytes missing in the middle': [gap, 'IMAGE_CORRUPT'],
    'a PNG with damage in the middle': [scratched, 'IMAGE_CORRUPT'],
    'a bomb of 50,000 x 50,000': [bomb(50_000), 'IMAGE_TOO_MANY_PIXELS'],
    'one pixel over the limit': [
      astronaut,
      'IMAGE_TOO_MANY_PIXELS',
      { ...LIMITS, maxPixels: 512 * 512 - 1 },
    ],
    'an animated GIF': [await animated('gif'), 'IMAGE_ANIMATED', EVERY_FORMAT],
    'an animated WebP': [await animated('webp'), 'IMAGE_ANIMATED', EVERY_FORMAT],
    'an animated PNG': [withChunk(astronaut, 'acTL', twoFrames), 'IMAGE_ANIMATED'],
  };
  for (const [name, [bytes, code, limits]] of Object.entries(table)) {
    it(`${name}: ${code}`, async () => {
      await assert.rejects(decode(bytes, limits ?? LIMITS), refusal(code));
    });
  }

  it('and says what was found and what is accepted', async () => {
    await assert.rejects(decode(Buffer.from('<svg/>'), LIMITS), (error) => {
      assert.ok(error instanceof FoveaError);
      assert.deepEqual(error.details, { found: 'svg', accepted: ['png', 'jpeg'] });
      return true;
    });
  });

  it('but not an image of exactly the limit, nor an APNG of one frame', async () => {
    await decode(astronaut, { ...LIMITS, maxPixels: 512 * 512 });
    const oneFrame = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]);
    await decode(withChunk(astronaut, 'acTL', oneFrame), LIMITS);
  });
});

describe('the codec', () => {
  it('has no SVG loader to reach', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await assert.rejects(sharp(svg).metadata(), /unsupported image format/);
  });
});
