import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Face } from '../../src/protocol/face.ts';
import { decode } from '../../src/vision/decode.ts';
import { alignmentOf } from '../../src/vision/face-alignment.ts';
import type { Pixels } from '../../src/vision/pixels.ts';
import { resizeLinear } from '../../src/vision/resize-linear.ts';
import { warpAffine } from '../../src/vision/warp-affine.ts';
import { detectFaces, type FoundFace } from '../../src/worker/face-detection.ts';
import { enrichFaces } from '../../src/worker/face-enrichment.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { Session } from '../../src/worker/session.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { readEmap } from '../../src/worker/swap-emap.ts';
import { swapOne } from '../../src/worker/swap-face.ts';
import { faceModels, type FaceModelName } from '../support/face-models.ts';
import { LIMITS, photo } from '../vision/image-files.ts';
import { insightface, manifestOf, swappedFile } from '../vision/insightface.ts';

/** Models of InsightFace's layouts with random weights, against what the Python package says of the same files. */

const directory = await mkdtemp(join(tmpdir(), 'fovea-faces-'));
after(() => rm(directory, { recursive: true, force: true }));
const opened = new Map<string, Promise<HostedModel>>();

function host(name: FaceModelName): Promise<HostedModel> {
  const model = opened.get(name) ?? open(name);
  opened.set(name, model);
  return model;
}

async function open(name: FaceModelName): Promise<HostedModel> {
  const manifest = manifestOf(name);
  const file = `${name}.onnx`;
  await writeFile(join(directory, file), faceModels[name]());
  const session = await Session.open(join(directory, file));
  const spec = { manifest, directory, digest: name };
  return manifest.task === 'face-swap'
    ? { spec, session, emap: await readEmap(directory, file, 512) }
    : { spec, session };
}

const photos = new Map<string, Promise<Pixels>>();
function pixelsOf(name: 'astronaut.png' | 'chelsea.png' | 'coffee.png'): Promise<Pixels> {
  const pixels = photos.get(name) ?? decode(photo(name), LIMITS);
  photos.set(name, pixels);
  return pixels;
}

function sha(pixels: Pixels): string {
  return createHash('sha256').update(pixels.data).digest('hex');
}

/** A face as a detector of five points gives it, its box not clipped. */
async function faceOf({ box, points }: (typeof insightface.faces)[number]): Promise<FoundFace> {
  return {
    box,
    score: 1,
    landmarks: points,
    pose: { yaw: 0, pitch: 0, roll: 0 },
    quality: { score: 1, sharpness: 1, brightness: 1, size: 1, pose: 1, reasons: [] },
  };
}

async function enriched(
  known: (typeof insightface.faces)[number],
  models: Parameters<typeof enrichFaces>[2],
): Promise<Face> {
  const [face] = await enrichFaces(
    await pixelsOf(known.photo),
    [await faceOf(known)],
    models,
    new StageClock(),
  );
  assert.ok(face);
  return face;
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('pixels as OpenCV computes them', () => {
  it('resizes to the same bytes', async () => {
    for (const [name, sizes] of Object.entries(insightface.resized)) {
      for (const [size, digest] of Object.entries(sizes)) {
        const [width = 0, height = 0] = size.split('x').map(Number);
        const pixels = await pixelsOf(name as 'astronaut.png');
        assert.equal(sha(resizeLinear(pixels, width, height)), digest, `${name} ${size}`);
      }
    }
  });

  it('aligns faces by the same map, to the same bytes, also where they leave the picture', async () => {
    for (const { photo: name, points, crops, maps } of insightface.faces) {
      for (const [size, digest] of Object.entries(crops)) {
        const side = Number(size);
        const map = alignmentOf(points, side % 112 === 0 ? 'arcface-112' : 'arcface-128', side);
        const wanted = maps[size];
        assert.ok(map && wanted);
        // insightface works in single precision.
        for (const [at, value] of map.entries())
          assert.ok(Math.abs(value - (wanted[at] ?? NaN)) < 1e-4, `${name} ${size}: ${map.join()}`);
        const region = { left: 0, top: 0, width: side, height: side };
        assert.equal(
          sha(warpAffine(await pixelsOf(name), wanted, region)),
          digest,
          `${name} ${size}`,
        );
      }
    }
  });
});

describe('detectors find what insightface finds, in its order', () => {
  for (const [name, photosOf] of Object.entries(insightface.detections)) {
    for (const [file, wanted] of Object.entries(photosOf)) {
      it(`${name}, ${file}: ${wanted.found} faces`, async () => {
        const model = await host((name === 'retinaface' ? 'scrfd-9-fixed' : name) as FaceModelName);
        const pixels = await pixelsOf(file as 'astronaut.png');
        const found = await detectFaces(pixels, model, new StageClock());
        // insightface keeps boxes wholly outside of the picture, where there is nothing to see.
        const inside = wanted.faces.filter(
          ({ box: [x1, y1, x2, y2] }) =>
            x2 > 0 && y2 > 0 && x1 < pixels.width && y1 < pixels.height,
        );
        for (const [index, { box, score, points }] of inside.entries()) {
          const face = found[index];
          assert.ok(face, `face ${index} of ${found.length}`);
          const off = (face.reach ?? face.box).map((value, side) =>
            Math.abs(value - (box[side] ?? 0)),
          );
          assert.ok(Math.max(...off) <= 0.5, `box ${index}: ${off.join()}`);
          assert.ok(Math.abs(face.score - score) < 1e-3, `score ${index}: ${face.score}, ${score}`);
          assert.equal(face.landmarks.length, points.length);
          for (const [at, [x, y]] of points.entries()) {
            const [u, v] = face.landmarks[at] ?? [NaN, NaN];
            assert.ok(Math.hypot(x - u, y - v) <= 0.5, `point ${at} of ${index}: ${u}, ${v}`);
          }
        }
        if (wanted.found === wanted.faces.length) assert.equal(found.length, inside.length);
      });
    }
  }
});

describe('models of single faces say what insightface says', () => {
  for (const [index, known] of insightface.faces.entries()) {
    for (const [name, packed] of Object.entries(known.embeddings)) {
      it(`${name} of face ${index}: cosine of at least 0.9999, and the norm`, async () => {
        const bytes = Buffer.from(packed, 'base64');
        const wanted = Array.from({ length: bytes.length / 4 }, (_, at) =>
          bytes.readFloatLE(4 * at),
        );
        const { embedding, embedding_norm } = await enriched(known, {
          recogniser: await host(name as FaceModelName),
        });
        assert.ok(embedding && embedding_norm);
        assert.ok(cosine(embedding, wanted) >= 0.9999, `${cosine(embedding, wanted)}`);
        const norm = Math.sqrt(wanted.reduce((sum, value) => sum + value * value, 0));
        assert.ok(Math.abs(embedding_norm / norm - 1) < 1e-3, `${embedding_norm}, ${norm}`);
      });
    }

    for (const [name, { gender, age }] of Object.entries(known.attributes)) {
      it(`${name} of face ${index}: ${gender === 1 ? 'male' : 'female'}, ${age}`, async () => {
        const face = await enriched(known, {
          attributes: await host(name as FaceModelName),
          age: true,
          gender: true,
        });
        assert.equal(face.gender?.label, gender === 1 ? 'male' : 'female');
        assert.ok(Math.abs((face.age ?? NaN) - age) <= 0.51, `${face.age}, ${age}`);
      });
    }

    it(`2d106det and 1k3d68 of face ${index}: half a pixel, and the pose to 0.1 degrees`, async () => {
      const face = await enriched(known, {
        landmarks: [await host('2d106det'), await host('1k3d68')],
      });
      const pairs = [
        [face.landmarks_106, known.landmarks['2d106det']],
        [face.landmarks_68, known.landmarks['1k3d68']],
      ] as const;
      for (const [found, wanted] of pairs) {
        assert.ok(found && wanted);
        assert.equal(found.length, wanted.length);
        const off = wanted.map((point, at) =>
          Math.hypot(...point.map((value, axis) => value - (found[at]?.[axis] ?? NaN))),
        );
        assert.ok(Math.max(...off) <= 0.5, `${Math.max(...off)}`);
      }
      const [pitch, yaw, roll] = known.pose;
      const { pose } = face;
      const turns = [pose.pitch - pitch, pose.yaw - yaw, pose.roll - roll].map(Math.abs);
      assert.ok(Math.max(...turns) <= 0.1, JSON.stringify([pose, known.pose]));
    });
  }
});

describe('inswapper', () => {
  for (const [index, { file, left, top }] of insightface.swaps.entries()) {
    it(`paints face ${index} as insightface does, to 1 of 255 in the mean, and nothing else`, async () => {
      const [known, first] = [insightface.faces[index], insightface.faces[0]];
      assert.ok(known && first);
      const { embedding } = await enriched(first, { recogniser: await host('arcface') });
      const picture = await pixelsOf(known.photo);
      const swapped = await swapOne(
        picture,
        await faceOf(known),
        { embedding: embedding ?? [], norm: 1 },
        await host('inswapper'),
        new StageClock(),
      );
      const wanted = await decode(swappedFile(file), LIMITS);
      assert.ok(swapped);
      let [sum, changed, outside] = [0, 0, 0];
      for (let at = 0; at < swapped.data.length; at++) {
        const x = (Math.floor(at / 3) % picture.width) - left;
        const y = Math.floor(at / 3 / picture.width) - top;
        const value = swapped.data[at] ?? 0;
        const before = picture.data[at] ?? 0;
        if (x < 0 || y < 0 || x >= wanted.width || y >= wanted.height) {
          if (value !== before) outside++;
          continue;
        }
        sum += Math.abs(value - (wanted.data[(y * wanted.width + x) * 3 + (at % 3)] ?? 0));
        if (value !== before) changed++;
      }
      const mean = sum / wanted.data.length;
      assert.ok(mean <= 1, `mean ${mean}`);
      assert.ok(changed > wanted.data.length / 4, `${changed} of ${wanted.data.length} changed`);
      // The outermost rim of the mask is below one in 255.
      assert.ok(outside < 100, `${outside} changed outside`);
    });
  }
});
