import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Point } from '../../src/protocol/image.ts';
import { resize } from '../../src/vision/letterbox.ts';
import { mirrored, type Pixels } from '../../src/vision/pixels.ts';
import { reduce } from '../../src/vision/reduce.ts';
import { readSquare, squareToSource, type TurnedSquare } from '../../src/vision/turned-square.ts';
import { decode } from '../../src/vision/decode.ts';
import { astronaut, LIMITS } from './image-files.ts';

/** Red rises to the right, green downwards, each by `slope` per pixel: a sample tells where it was read. */
function ramp(width: number, height: number, slope = 1): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x * slope, y * slope, 7], (y * width + x) * 3);
  }
  return { data, width, height };
}

const sample = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const meanDifference = (a: Pixels, b: Pixels) => {
  assert.equal(a.data.length, b.data.length);
  return a.data.reduce((sum, v, i) => sum + Math.abs(v - (b.data[i] ?? 0)), 0) / a.data.length;
};

describe('readSquare', () => {
  it('copies pixels that lie on the grid', async () => {
    const square: TurnedSquare = { centre: [60, 40], side: 20, angle: 0 };
    const read = await readSquare(ramp(100, 100), square, 20);
    assert.deepEqual(sample(read, 0, 0), [50, 30, 7]);
    assert.deepEqual(sample(read, 19, 19), [69, 49, 7]);
  });

  for (const angle of [0, 0.3, Math.PI / 2, -2, Math.PI]) {
    for (const side of [24, 50, 120]) {
      it(`reads where squareToSource says: side ${side}, turned by ${angle.toFixed(1)}`, async () => {
        const square: TurnedSquare = { centre: [128.3, 120.6], side, angle };
        const read = await readSquare(ramp(250, 250), square, 40);
        for (const [x, y] of [
          [0, 0],
          [39, 0],
          [0, 39],
          [39, 39],
          [20, 11],
        ] as const) {
          const [u, v] = squareToSource(square, 40, [x + 0.5, y + 0.5]);
          const [red = 0, green = 0] = sample(read, x, y);
          // Half a value for rounding; reduced ones are rounded twice.
          assert.ok(Math.abs(red - (u - 0.5)) <= 1.2, `${red}, not ${u - 0.5}`);
          assert.ok(Math.abs(green - (v - 0.5)) <= 1.2, `${green}, not ${v - 0.5}`);
        }
      });
    }
  }

  it('continues the edge of the picture outside of it', async () => {
    const read = await readSquare(ramp(20, 20, 10), { centre: [0, 0], side: 40, angle: 0 }, 40);
    assert.deepEqual(sample(read, 0, 0), [0, 0, 7]);
    assert.deepEqual(sample(read, 39, 0), [190, 0, 7]);
    assert.deepEqual(sample(read, 39, 39), [190, 190, 7]);
    await readSquare(ramp(3, 3), { centre: [900, -900], side: 5000, angle: 1 }, 40);
  });

  it('averages what is larger than the result', async () => {
    const data = new Uint8Array(400 * 400 * 3);
    for (let at = 0; at < data.length; at += 6) data.fill(255, at, at + 3);
    const stripes = { data, width: 400, height: 400 };
    const read = await readSquare(stripes, { centre: [200, 200], side: 320, angle: 0.1 }, 40);
    const values = [...read.data];
    assert.ok(Math.min(...values) > 110 && Math.max(...values) < 146);
  });

  it('undoes a turn of the whole picture', async () => {
    const plain = await decode(astronaut, LIMITS);
    const side = 200;
    const upright = await readSquare(plain, { centre: [225, 126], side, angle: 0 }, side);
    const turned = await readSquare(plain, { centre: [225, 126], side: 400, angle: -0.5 }, 400);
    const centre: Point = [200, 200];
    const back = await readSquare(turned, { centre, side, angle: 0.5 }, side);
    assert.ok(meanDifference(upright, back) < 4);
  });
});

describe('reduce', () => {
  it('averages areas exactly, up to rounding', () => {
    const picture = ramp(224, 224);
    for (const size of [192, 112, 64, 32, 1]) {
      const reduced = reduce(picture, size, size);
      assert.deepEqual([reduced.width, reduced.height], [size, size]);
      const step = 224 / size;
      for (const at of [0, Math.floor(size / 3), size - 1]) {
        const [red = 0, green = 0, blue] = sample(reduced, at, at);
        const wanted = (at + 0.5) * step - 0.5;
        assert.ok(Math.abs(red - wanted) <= 0.8, `${size}: ${red}, not ${wanted}`);
        assert.ok(Math.abs(green - wanted) <= 0.8);
        assert.equal(blue, 7);
      }
    }
  });

  it('keeps black black and white white', () => {
    for (const value of [0, 255]) {
      const data = new Uint8Array(30 * 20 * 3).fill(value);
      const reduced = reduce({ data, width: 30, height: 20 }, 7, 13);
      assert.ok(reduced.data.every((found) => found === value));
      assert.equal(reduced.data.length, 7 * 13 * 3);
    }
  });

  it('gives what the codec gives, within its ringing', async () => {
    const crop = await readSquare(
      await decode(astronaut, LIMITS),
      { centre: [225, 126], side: 224, angle: 0 },
      224,
    );
    for (const size of [112, 56, 32]) {
      const wanted = await resize(crop, size, size);
      assert.ok(meanDifference(reduce(crop, size, size), wanted) < 3);
    }
  });

  it('returns the picture itself at its own size', () => {
    const picture = ramp(5, 5);
    assert.equal(reduce(picture, 5, 5), picture);
  });
});

describe('mirrored', () => {
  it('exchanges left and right, and twice is as before', () => {
    const picture = ramp(5, 3);
    assert.deepEqual(sample(mirrored(picture), 0, 2), [4, 2, 7]);
    assert.deepEqual(mirrored(mirrored(picture)), picture);
  });
});
