import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { centernet } from '../../src/models/catalog/centernet.ts';
import { box } from '../../src/protocol/image.ts';
import { modelManifest } from '../../src/protocol/model-manifest.ts';
import { decode } from '../../src/vision/decode.ts';
import { decoderFor } from '../../src/vision/decoders.ts';
import { boxesInSource } from '../../src/vision/detections-in-source.ts';
import { letterbox } from '../../src/vision/letterbox.ts';
import { LIMITS, photo } from './image-files.ts';

/** Made by detectors_oracle.py: the references' own post-processing on the same raw tensors. */
const golden = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        input: z.object({ width: z.int(), height: z.int() }),
        labels: z.array(z.string()),
        output: modelManifest.shape.output,
        thresholds: modelManifest.shape.thresholds.extend({ only: z.array(z.int()).optional() }),
        tensors: z.record(
          z.string(),
          z.object({ dims: z.array(z.int()), data: z.array(z.number()) }),
        ),
        expected: z.array(z.array(z.number()).length(6)),
      }),
    ),
    letterboxes: z.array(
      z.object({
        width: z.int(),
        height: z.int(),
        left: z.int(),
        top: z.int(),
        inner: z.tuple([z.int(), z.int()]),
        box,
        back: box,
      }),
    ),
    photos: z.array(
      z.object({
        photo: z.enum(['coffee.png', 'astronaut.png', 'rocket.jpg']),
        size: z.int(),
        places: z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()])),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../fixtures/vision/detectors.json', import.meta.url), 'utf8')),
  );

type Case = (typeof golden)['cases'][number];

const decoded = ({ input, labels, output, thresholds }: Case, tensors: Case['tensors']) => {
  const manifest = {
    ...centernet,
    input: { ...centernet.input, ...input },
    labels,
    output,
    thresholds,
  };
  const outputs = Object.entries(tensors).map(([name, { dims, data }]) => [
    name,
    { dims, data: Float32Array.from(data) },
  ]);
  return decoderFor(
    'object-detection',
    manifest,
  )(Object.fromEntries(outputs) as Record<string, { dims: number[]; data: Float32Array }>);
};

describe('detectors', () => {
  for (const one of golden.cases) {
    it(`finds what the reference finds, in its order: ${one.name}`, () => {
      const found = decoded(one, one.tensors);
      assert.deepEqual(
        found.map(({ class_id: id, label }) => [id, label]),
        one.expected.map(([, , , , , id = -1]) => [id, one.labels[id]]),
      );
      for (const [index, object] of found.entries()) {
        const [x1, y1, x2, y2, score = 0] = one.expected[index] ?? [];
        assert.ok(Math.abs(object.score - score) < 1e-4, `${object.score} is not ${score}`);
        for (const [side, value] of [x1, y1, x2, y2].entries())
          assert.ok(Math.abs((object.box[side] ?? Number.NaN) - (value ?? 0)) < 0.01, one.name);
      }
    });

    it(`refuses tensors of another shape: ${one.name}`, () => {
      for (const [name, tensor] of Object.entries(one.tensors)) {
        const { [name]: _gone, ...others } = one.tensors;
        assert.throws(() => decoded(one, others), { code: 'MODEL_INVALID' });
        const dims = [...tensor.dims, 1];
        assert.throws(() => decoded(one, { ...others, [name]: { ...tensor, dims } }), {
          code: 'MODEL_INVALID',
        });
      }
    });
  }

  it('holds single classes to their own scores', () => {
    const [one] = golden.cases;
    assert.ok(one);
    const all = decoded(one, one.tensors);
    const strict = { ...one, thresholds: { ...one.thresholds, class_scores: { vest: 0.6 } } };
    const wanted = all.filter(({ label, score }) => label !== 'vest' || score > 0.6);
    assert.ok(wanted.length < all.length);
    assert.deepEqual(decoded(strict, one.tensors), wanted);
  });

  it('leaves out what is no number', () => {
    const [one] = golden.cases;
    assert.ok(one);
    const tensors = Object.fromEntries(
      Object.entries(one.tensors).map(([name, { dims, data }]) => [
        name,
        { dims, data: data.map(() => Number.NaN) },
      ]),
    );
    assert.deepEqual(decoded(one, tensors), []);
  });
});

describe('letterbox', () => {
  const side = 640;
  for (const { width, height, left, top, inner, box: place, back } of golden.letterboxes) {
    it(`lays ${width} x ${height} as Ultralytics does, and finds boxes again`, async () => {
      const pixels = { data: new Uint8Array(width * height * 3), width, height };
      const { transform } = await letterbox(pixels, {
        width: side,
        height: side,
        pad: 114,
        fit: 'letterbox',
        resample: 'linear',
      });
      assert.deepEqual([transform.offsetX, transform.offsetY], [left, top]);
      assert.deepEqual(
        [transform.scaleX * width, transform.scaleY * height].map(Math.round),
        inner,
      );
      const [found] = boxesInSource([{ box: place }], transform);
      for (const [index, value] of back.entries())
        assert.ok(Math.abs((found?.box[index] ?? Number.NaN) - value) < 0.01, String(found?.box));
    });
  }

  for (const { photo: name, size, places } of golden.photos) {
    it(`makes of ${name} the pixels that Ultralytics makes`, async () => {
      const options = { width: size, height: size, pad: 114, fit: 'letterbox', resample: 'linear' };
      const { pixels } = await letterbox(await decode(photo(name), LIMITS), options as never);
      let different = 0;
      for (const [x, y, ...rgb] of places) {
        const at = (y * size + x) * 3;
        const found = [...pixels.data.subarray(at, at + 3)];
        const off = Math.max(
          ...found.map((value, channel) => Math.abs(value - (rgb[channel] ?? 0))),
        );
        // JPEG decoders may differ by a few levels.
        assert.ok(
          off <= (name === 'rocket.jpg' ? 4 : 1),
          `${name} ${x},${y}: ${found.join()} is not ${rgb.join()}`,
        );
        if (off > 0) different += 1;
      }
      if (name !== 'rocket.jpg') assert.ok(different <= places.length / 10, `${different} differ`);
    });
  }
});
