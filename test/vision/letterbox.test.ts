import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  boxToSource,
  clipBox,
  letterbox,
  pointToSource,
  resize,
} from '../../src/vision/letterbox.ts';
import type { Pixels } from '../../src/vision/pixels.ts';

function plain(width: number, height: number, value = 200): Pixels {
  return { data: new Uint8Array(width * height * 3).fill(value), width, height };
}

const square = { width: 64, height: 64, pad: 7, fit: 'letterbox' } as const;

/** First value of the pixel. */
const at = ({ data, width }: Pixels, x: number, y: number) => data[(y * width + x) * 3];

describe('letterbox', () => {
  it('centres a wide picture and pads above and below', async () => {
    const { pixels, transform } = await letterbox(plain(200, 100), square);
    assert.deepEqual([pixels.width, pixels.height, pixels.data.length], [64, 64, 64 * 64 * 3]);
    assert.deepEqual([at(pixels, 0, 15), at(pixels, 0, 16)], [7, 200]);
    assert.deepEqual([at(pixels, 63, 47), at(pixels, 63, 48)], [200, 7]);
    assert.deepEqual([transform.offsetX, transform.offsetY], [0, 16]);
  });

  it('puts the odd row of a border at the bottom', async () => {
    const { pixels, transform } = await letterbox(plain(64, 41), square);
    assert.equal(transform.offsetY, 11);
    assert.deepEqual([at(pixels, 0, 10), at(pixels, 0, 11)], [7, 200]);
    assert.deepEqual([at(pixels, 0, 51), at(pixels, 0, 52)], [200, 7]);
  });

  it('stretches when told', async () => {
    const { pixels, transform } = await letterbox(plain(200, 100), { ...square, fit: 'stretch' });
    assert.ok(pixels.data.every((value) => value === 200));
    assert.deepEqual(pointToSource(transform, [32, 32]), [100, 50]);
  });

  it('keeps at least one pixel of an extreme aspect ratio', async () => {
    const { pixels } = await letterbox(plain(10_000, 1), square);
    assert.deepEqual([at(pixels, 0, 31), at(pixels, 0, 30)], [200, 7]);
  });

  for (const [width, height] of [
    [200, 100],
    [101, 333],
    [30, 20],
    [64, 64],
  ] as const) {
    it(`maps the corners of ${width} x ${height} back to themselves`, async () => {
      const { transform } = await letterbox(plain(width, height), square);
      const { scaleX, scaleY, offsetX, offsetY } = transform;
      const box = boxToSource(transform, [
        offsetX,
        offsetY,
        offsetX + width * scaleX,
        offsetY + height * scaleY,
      ]);
      for (const [index, value] of [0, 0, width, height].entries()) {
        assert.ok(Math.abs((box[index] ?? Number.NaN) - value) < 1e-9, box.join());
      }
    });
  }

  it('finds a mark in the source where the model sees it', async () => {
    const picture = plain(300, 200, 0);
    for (let y = 120; y < 140; y++) picture.data.fill(255, (y * 300 + 60) * 3, (y * 300 + 80) * 3);
    const { pixels, transform } = await letterbox(picture, { ...square, pad: 0 });
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const value = at(pixels, x, y) ?? 0;
        sum += value;
        sumX += value * (x + 0.5);
        sumY += value * (y + 0.5);
      }
    }
    const [x, y] = pointToSource(transform, [sumX / sum, sumY / sum]);
    assert.ok(Math.hypot(x - 70, y - 130) < 0.5, `${x}, ${y} is not 70, 130`);
  });
});

describe('resize', () => {
  it('averages the area when it reduces: a fine checkerboard becomes even gray', async () => {
    const board = plain(256, 256, 0);
    for (let pixel = 0; pixel < 256 * 256; pixel++) {
      const isWhite = ((pixel % 256) + Math.floor(pixel / 256)) % 2 === 0;
      board.data.fill(isWhite ? 255 : 0, pixel * 3, pixel * 3 + 3);
    }
    const { data } = await resize(board, 64, 64);
    assert.ok(data.every((value) => Math.abs(value - 128) <= 2));
  });

  it('returns the same pixels at the same size', async () => {
    const picture = plain(8, 8);
    assert.equal(await resize(picture, 8, 8), picture);
  });
});

describe('clipBox', () => {
  it('keeps the part inside', () => {
    assert.deepEqual(clipBox([-5, 3, 50, 99], 40, 30), [0, 3, 40, 30]);
    assert.deepEqual(clipBox([41, -9, 60, -2], 40, 30), [40, 0, 40, 0]);
  });
});
