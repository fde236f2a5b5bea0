import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faceQuality } from '../../src/protocol/face.ts';
import { decode } from '../../src/vision/decode.ts';
import { faceFromDetection } from '../../src/vision/face-from-detection.ts';
import { faceQuality as measureFace } from '../../src/vision/face-quality.ts';
import { imageQuality } from '../../src/vision/image-quality.ts';
import { fromPixels } from '../../src/vision/letterbox.ts';
import { crop, type Pixels } from '../../src/vision/pixels.ts';
import { detectPixels } from './detect-photo.ts';
import { golden } from './golden.ts';
import { astronaut, LIMITS, photo } from './image-files.ts';

const picture = await decode(astronaut, LIMITS);
const box = golden['astronaut.png'].faces[0]?.box ?? [0, 0, 0, 0];
const frontal = { yaw: 0, pitch: 0, roll: 0 };

const even = (value: number): Pixels => ({
  data: new Uint8Array(120 * 120 * 3).fill(value),
  width: 120,
  height: 120,
});

async function blurred(sigma: number): Promise<Pixels> {
  return { ...picture, data: await fromPixels(picture).blur(sigma).raw().toBuffer() };
}

async function brightened(factor: number, shift = 0): Promise<Pixels> {
  return { ...picture, data: await fromPixels(picture).linear(factor, shift).raw().toBuffer() };
}

describe('imageQuality', () => {
  it('falls with every blur, by far more than photos differ', async () => {
    const sharpness = [(await imageQuality(picture)).sharpness];
    for (const sigma of [1, 2, 4]) {
      sharpness.push((await imageQuality(await blurred(sigma))).sharpness);
    }
    assert.deepEqual(
      sharpness,
      sharpness.toSorted((a, b) => b - a),
    );
    const [plain = 0, , , strong = 0] = sharpness;
    assert.ok(plain > 20 * strong, sharpness.join());
  });

  it('is the same within 15 % for the same picture at other resolutions', async () => {
    const { sharpness } = await imageQuality(picture);
    for (const scale of [0.75, 1.5, 2, 3]) {
      const side = 512 * scale;
      const pipeline = fromPixels(picture).resize(side, side, { kernel: 'lanczos3' });
      const scaled = { data: await pipeline.raw().toBuffer(), width: side, height: side };
      const ratio = (await imageQuality(scaled)).sharpness / sharpness;
      assert.ok(Math.abs(ratio - 1) < 0.15, `${scale}: ${ratio}`);
    }
  });

  it('measures an even picture exactly', async () => {
    assert.deepEqual(await imageQuality(even(255)), {
      sharpness: 0,
      brightness: 255,
      clippedDark: 0,
      clippedBright: 1,
    });
    assert.equal((await imageQuality(even(0))).clippedDark, 1);
  });

  it('measures the Laplacian of one white pixel exactly', async () => {
    const dot = { data: new Uint8Array(25 * 3), width: 5, height: 5 };
    dot.data.fill(255, 12 * 3, 13 * 3);
    // Nine inner pixels: -4 x 255 in the middle, 255 on its four neighbours, sum 0.
    assert.equal((await imageQuality(dot)).sharpness, ((16 + 4) * (255 * 255)) / 9);
  });

  it('weighs colours as the eye does', async () => {
    const green = even(0);
    for (let at = 1; at < green.data.length; at += 3) green.data[at] = 255;
    assert.equal((await imageQuality(green)).brightness, (150 * 255) >> 8);
  });

  it('takes pictures of one pixel', async () => {
    const pixel = { data: Uint8Array.of(10, 10, 10), width: 1, height: 1 };
    assert.equal((await imageQuality(pixel)).sharpness, 0);
  });
});

describe('faceQuality', () => {
  it('is near 1 for the astronaut, and the product of its factors', async () => {
    const quality = faceQuality.parse(await measureFace(picture, box, frontal));
    assert.ok(quality.score > 0.85, JSON.stringify(quality));
    const { size, sharpness, brightness, pose } = quality;
    assert.ok(Math.abs(quality.score - size * sharpness * brightness * pose) < 1e-12);
  });

  it('falls with blur, darkness, glare, distance and turning away, each in its own factor', async () => {
    assert.ok((await measureFace(await blurred(2), box, frontal)).sharpness < 0.6);
    assert.ok((await measureFace(await blurred(4), box, frontal)).sharpness < 0.3);
    assert.ok((await measureFace(await brightened(0.2), box, frontal)).brightness < 0.6);
    assert.ok((await measureFace(await brightened(1, 90), box, frontal)).brightness < 0.5);
    assert.equal((await measureFace(picture, [200, 100, 228, 156], frontal)).size, 28 / 112);
    const turned = await measureFace(picture, box, { yaw: 60, pitch: 0, roll: 0 });
    assert.ok(Math.abs(turned.pose - 0.5) < 1e-9);
  });

  it('names what is wrong, worst first, and nothing of a good face', async () => {
    const reasons = async (...args: Parameters<typeof measureFace>) =>
      (await measureFace(...args)).reasons;
    const away = { ...frontal, yaw: 60 };
    assert.deepEqual(await reasons(picture, box, frontal), []);
    assert.deepEqual(await reasons(await blurred(4), box, frontal), ['blurred']);
    assert.deepEqual(await reasons(picture, box, away), ['turned_away']);
    assert.deepEqual((await reasons(await brightened(0.1), box, frontal))[0], 'too_dark');
    assert.deepEqual((await reasons(await brightened(1, 110), box, frontal))[0], 'too_bright');
    // A side of 28 pixels is a quarter of what is needed, 60 degrees leave a half.
    assert.deepEqual(await reasons(picture, [200, 100, 228, 156], away), [
      'too_small',
      'turned_away',
    ]);
  });

  it('is not changed by roll, and is 0 for a face seen from behind', async () => {
    const rolled = await measureFace(picture, box, { ...frontal, roll: 40 });
    assert.equal(rolled.pose, 1);
    assert.equal((await measureFace(picture, box, { ...frontal, yaw: 120 })).score, 0);
  });

  it('takes boxes at and beyond the edge of the picture', async () => {
    for (const edge of [
      [0, 0, 512, 512],
      [500, 500, 520, 520],
      [-50, -50, -10, -10],
      [511.5, 0, 512, 0.2],
    ] as const) {
      faceQuality.parse(await measureFace(picture, [...edge], frontal));
    }
  });
});

describe('faceFromDetection', () => {
  it('adds pose and quality to what was detected', async () => {
    const [detection] = await detectPixels(picture);
    assert.ok(detection);
    const face = await faceFromDetection(picture, detection);
    assert.deepEqual(face.box, detection.box);
    assert.equal(face.landmarks.length, 6);
    assert.ok(Math.abs(face.pose.yaw) < 8 && face.quality.score > 0.8);
  });
});

describe('crop', () => {
  it('copies the pixels that the box touches', async () => {
    const rocket = await decode(photo('rocket.jpg'), LIMITS);
    const part = crop(rocket, [10.2, 20.9, 12.1, 22]);
    assert.deepEqual([part.width, part.height], [3, 2]);
    const from = (20 * rocket.width + 10) * 3;
    assert.deepEqual([...part.data.subarray(0, 9)], [...rocket.data.subarray(from, from + 9)]);
  });
});
