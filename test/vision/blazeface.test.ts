import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { modelManifest } from '../../src/protocol/model-manifest.ts';
import { sharp } from '../../src/vision/codec.ts';
import { decoderFor } from '../../src/vision/decoders.ts';
import type { Detection } from '../../src/vision/detection.ts';
import { detectPhoto, modelPath } from './detect-photo.ts';
import { golden } from './golden.ts';
import { astronaut, oriented, photo } from './image-files.ts';

const pick = <T>(items: readonly T[]): T => {
  const [only, ...others] = items;
  assert.ok(only !== undefined && others.length === 0, `exactly one expected, got ${items.length}`);
  return only;
};

function assertNear(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  assert.equal(found.length, wanted.length);
  for (const [index, value] of found.entries()) {
    const off = Math.abs(value - (wanted[index] ?? Number.NaN));
    assert.ok(
      off <= tolerance,
      `[${found.join(', ')}] is not [${wanted.join(', ')}] ± ${tolerance}`,
    );
  }
}

describe('the manifest of BlazeFace', () => {
  it('fits the schema and the file that npm installs', () => {
    const manifest = modelManifest.parse(blazeface256);
    const bytes = readFileSync(modelPath);
    const file = pick(manifest.files);
    assert.equal(bytes.length, file.bytes);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
  });
});

describe('BlazeFace against the Python oracle', () => {
  // The two resizers differ by about 1 of 255 per value. On a real face that moves the box by half a
  // pixel; on the cat and the cup, which are no faces, it carries a weak anchor across the score
  // threshold and in or out of the weighted mean (cat: 0.58 against 0.62, threshold 0.6).
  const tolerances = { 'astronaut.png': 1, 'chelsea.png': 8, 'coffee.png': 4, 'rocket.jpg': 1 };
  for (const name of ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg'] as const) {
    it(`finds the same faces in ${name}`, async () => {
      const found = await detectPhoto(photo(name));
      const wanted = golden[name].faces;
      assert.equal(found.length, wanted.length);
      for (const [index, face] of wanted.entries()) {
        const detection = found[index];
        assert.ok(detection);
        assertNear([detection.score], [face.score], 0.02);
        assertNear(detection.box, face.box, tolerances[name]);
        assertNear(detection.landmarks.flat(), face.landmarks.flat(), tolerances[name]);
      }
    });
  }

  it('finds exactly one face in the astronaut', () => {
    assert.equal(golden['astronaut.png'].faces.length, 1);
  });
});

describe('the face stays where it is', async () => {
  const plain = pick(await detectPhoto(astronaut));
  const variants: Record<string, () => Promise<Buffer>> = {
    'CMYK JPEG': () => sharp(astronaut).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
    'progressive JPEG': () => sharp(astronaut).jpeg({ progressive: true }).toBuffer(),
    '16-bit PNG': () => sharp(astronaut).toColourspace('rgb16').png().toBuffer(),
    'Adam7 PNG': () => sharp(astronaut).png({ progressive: true }).toBuffer(),
    'gray PNG': () => sharp(astronaut).toColourspace('b-w').png().toBuffer(),
    'gray PNG with alpha': () =>
      sharp(astronaut).toColourspace('b-w').ensureAlpha(1).png().toBuffer(),
    'palette PNG': () => sharp(astronaut).png({ palette: true }).toBuffer(),
    'RGBA PNG, transparent around the face': () => cutOut(),
  };
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    variants[`EXIF orientation ${orientation}`] = () => oriented(orientation);
  }
  for (const [name, make] of Object.entries(variants)) {
    it(name, async () => {
      assertNear(pick(await detectPhoto(await make())).box, plain.box, 2);
    });
  }

  it('when the picture is larger, smaller or off centre', async () => {
    for (const scale of [0.5, 2]) {
      const scaled = await sharp(astronaut)
        .resize(512 * scale)
        .png()
        .toBuffer();
      const { box } = pick(await detectPhoto(scaled));
      assertNear(
        box.map((value) => value / scale),
        plain.box,
        2,
      );
    }
    const border = { left: 200, background: '#808080' };
    const { box } = pick(await detectPhoto(await sharp(astronaut).extend(border).png().toBuffer()));
    assertNear([box[0] - 200, box[1], box[2] - 200, box[3]], plain.box, 4);
  });
});

/** The astronaut with everything but the head and shoulders made transparent. */
async function cutOut(): Promise<Buffer> {
  const mask = Buffer.alloc(512 * 512);
  for (let y = 0; y < 400; y++) mask.fill(255, y * 512 + 20, y * 512 + 440);
  const raw = { width: 512, height: 512, channels: 1 } as const;
  return sharp(astronaut).joinChannel(mask, { raw }).png().toBuffer();
}

describe('decodeBlazeface', () => {
  const decode = decoderFor('face-detection', blazeface256);
  /** Outputs without any face: very low logits, boxes of zeros. */
  const empty = () => ({
    'Identity:0': { dims: [1, 512, 1], data: new Float32Array(512).fill(-100) },
    'Identity_1:0': { dims: [1, 384, 1], data: new Float32Array(384).fill(-100) },
    'Identity_2:0': { dims: [1, 512, 16], data: new Float32Array(512 * 16) },
    'Identity_3:0': { dims: [1, 384, 16], data: new Float32Array(384 * 16) },
  });

  it('places anchors row by row, two per cell of 16 x 16 and six per cell of 8 x 8', () => {
    const outputs = empty();
    // Cell (x 3, y 1) of the fine scale; second anchor: 16 pixels per cell.
    outputs['Identity:0'].data[(16 + 3) * 2 + 1] = 10;
    outputs['Identity_2:0'].data.set([1, -2, 10, 20, 5, 6], ((16 + 3) * 2 + 1) * 16);
    const fine: Detection = pick(decode(outputs));
    assertNear(fine.box, [52, 12, 62, 32], 1e-4);
    assertNear(fine.landmarks[0] ?? [], [61, 30], 1e-4);
    assertNear([fine.score], [1 / (1 + Math.exp(-10))], 1e-9);

    const coarse = empty();
    coarse['Identity_1:0'].data[(8 * 7 + 7) * 6 + 5] = 10;
    coarse['Identity_3:0'].data.set([0, 0, 8, 8], ((8 * 7 + 7) * 6 + 5) * 16);
    assertNear(pick(decode(coarse)).box, [236, 236, 244, 244], 1e-4);
  });

  it('takes scores at the threshold, leaves out lower ones and values that are no numbers', () => {
    const outputs = empty();
    const logit = Math.log(0.6 / 0.4);
    outputs['Identity:0'].data.set([logit + 1e-3, logit - 1e-3, Number.NaN, 10]);
    outputs['Identity_2:0'].data.fill(4, 0, 16).fill(Number.NaN, 3 * 16, 4 * 16);
    assert.equal(decode(outputs).length, 1);
  });

  it('refuses outputs that do not fit the manifest', () => {
    const { 'Identity:0': _, ...missing } = empty();
    assert.throws(() => decode(missing), {
      code: 'MODEL_INVALID',
      details: { output: 'Identity:0', found: 'missing', expected: '[1, 512, 1]' },
    });
    const front = {
      ...empty(),
      'Identity_3:0': { dims: [1, 512, 16], data: new Float32Array(8192) },
    };
    assert.throws(() => decode(front), { code: 'MODEL_INVALID' });
  });
});
