import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Face } from '../../src/protocol/face.ts';
import type { Box } from '../../src/protocol/image.ts';
import type { DetectedObject } from '../../src/protocol/object.ts';
import { strokeChains } from '../../src/vision/canvas.ts';
import { decode } from '../../src/vision/decode.ts';
import { drawAnalysis, drawAnnotations } from '../../src/vision/draw.ts';
import type { Pixels } from '../../src/vision/pixels.ts';
import { sniffFormat } from '../../src/vision/sniff.ts';
import { textStrokes } from '../../src/vision/stroke-font.ts';
import { astronaut, LIMITS } from './image-files.ts';

const GROUND = 90;

function blank(width: number, height: number): Pixels {
  return { data: new Uint8Array(width * height * 3).fill(GROUND), width, height };
}

/** The rectangle of everything that differs from the blank ground, and how many pixels do. */
function marked({ data, width, height }: Pixels): { box: Box; count: number } {
  let [x1, y1, x2, y2, count] = [width, height, 0, 0, 0];
  for (let at = 0; at < width * height; at++) {
    if (data.subarray(at * 3, at * 3 + 3).every((value) => value === GROUND)) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    [x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x + 1), Math.max(y2, y + 1)];
    count += 1;
  }
  return { box: [x1, y1, x2, y2], count };
}

const colour = [80, 230, 140] as const;
const face: Face = {
  box: [172, 74, 277, 178],
  score: 0.88,
  landmarks: [[203, 102]],
  pose: { yaw: -0.2, pitch: -4, roll: 2 },
  quality: { score: 1, sharpness: 1, brightness: 1, size: 1, pose: 1, reasons: [] },
};

describe('drawAnalysis', () => {
  for (const format of ['png', 'jpeg'] as const) {
    it(`writes a ${format} of the same size, from bytes and from pixels`, async () => {
      const fromBytes = await drawAnalysis(astronaut, { faces: [face] }, { format });
      assert.equal(sniffFormat(fromBytes), format);
      const pixels = await decode(fromBytes, LIMITS);
      assert.deepEqual([pixels.width, pixels.height], [512, 512]);
      const plain = await decode(astronaut, LIMITS);
      assert.deepEqual(await drawAnalysis(plain, { faces: [face] }, { format }), fromBytes);
    });
  }

  it('marks the edge of the box and the landmark, and leaves the rest of the face alone', async () => {
    const plain = await decode(astronaut, LIMITS);
    const drawn = await decode(
      await drawAnalysis(plain, { faces: [face] }, { format: 'png' }),
      LIMITS,
    );
    const colourAt = ({ data, width }: Pixels, x: number, y: number) => [
      ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];
    assert.deepEqual(colourAt(drawn, 172, 130), [80, 230, 140]);
    assert.deepEqual(colourAt(drawn, 203, 102), [80, 230, 140]);
    assert.deepEqual(colourAt(drawn, 240, 140), colourAt(plain, 240, 140));
  });

  it('says what is known of the person instead of the pose, and marks mesh and irises', async () => {
    const plain = await decode(astronaut, LIMITS);
    const draw = async (faces: Face[], objects: DetectedObject[] = []) =>
      decode(await drawAnalysis(plain, { faces, objects }, { format: 'png' }), LIMITS);
    const person = { ...face, age: 34.6, gender: { label: 'female', score: 0.7 } };
    const rich: Face = {
      ...person,
      mesh: [[225, 160, 0]],
      iris: {
        right: [
          [203, 101],
          [207, 101],
          [203, 97],
          [199, 101],
          [203, 105],
        ],
        left: [],
      },
    };
    const changed = (a: Pixels, b: Pixels, [x1, y1, x2, y2]: Box) => {
      for (let y = y1; y < y2; y++) {
        for (let at = (y * 512 + x1) * 3; at < (y * 512 + x2) * 3; at++) {
          if (a.data[at] !== b.data[at]) return true;
        }
      }
      return false;
    };
    const [simple, known, full] = [await draw([face]), await draw([person]), await draw([rich])];
    assert.ok(changed(simple, known, [172, 179, 300, 200]), 'the note');
    assert.ok(changed(known, full, [224, 159, 226, 161]), 'a point of the mesh');
    assert.ok(changed(plain, full, [206, 100, 209, 103]), 'the edge of the iris');
    const cup: DetectedObject = {
      label: 'cup',
      class_id: 41,
      score: 0.5,
      box: [20, 300, 120, 400],
    };
    assert.ok(changed(simple, await draw([face], [cup]), [20, 280, 60, 300]), 'the label of a cup');
  });

  it('refuses bytes that are no image', async () => {
    await assert.rejects(drawAnalysis(Buffer.from('text'), {}, { format: 'png' }), {
      code: 'IMAGE_FORMAT_UNSUPPORTED',
    });
  });
});

describe('drawAnnotations', () => {
  it('leaves the picture it is given as it is', () => {
    const picture = blank(100, 100);
    drawAnnotations(picture, [{ box: [10, 40, 60, 80], label: 'x', colour }]);
    assert.equal(marked(picture).count, 0);
  });

  it('puts the label above the box', () => {
    const { box } = marked(
      drawAnnotations(blank(300, 300), [{ box: [100, 150, 200, 250], label: 'cup', colour }]),
    );
    assert.ok(box[1] > 120 && box[1] < 145, box.join());
    assert.ok(box[3] >= 250 && box[3] <= 252, box.join());
  });

  it('keeps whole labels inside the picture, wherever the box is', () => {
    const label = 'person 0.97';
    const ink = (at: Box) => {
      const drawn = drawAnnotations(blank(300, 300), [{ box: at, label, colour }]);
      let dark = 0;
      for (const value of drawn.data) if (value < 60) dark += 1;
      return dark;
    };
    const wanted = ink([100, 100, 101, 101]);
    assert.ok(wanted > 300);
    for (const at of [
      [0, 0, 1, 1],
      [299, 0, 300, 1],
      [299, 299, 300, 300],
      [-80, -80, -79, -79],
      [400, 400, 401, 401],
    ] as const) {
      const share = ink([...at]) / wanted;
      assert.ok(Math.abs(share - 1) < 0.1, `${at.join()}: ${share}`);
    }
  });

  it('shrinks a label that is wider than the picture', () => {
    const { box } = marked(
      drawAnnotations(blank(60, 60), [
        { box: [20, 30, 40, 50], label: 'a very long label indeed', colour },
      ]),
    );
    assert.deepEqual([box[0], box[2]], [0, 60]);
  });

  it('scales lines to the picture', () => {
    const lineWidth = (side: number) => {
      const at: Box = [side / 4, side / 2, (3 * side) / 4, (3 * side) / 4];
      const { box } = marked(drawAnnotations(blank(side, side), [{ box: at, label: '', colour }]));
      return 2 * (box[3] - at[3]);
    };
    assert.ok(lineWidth(1600) > 2.5 * lineWidth(400));
  });

  it('takes a picture of one pixel', () => {
    drawAnnotations(blank(1, 1), [{ box: [0, 0, 1, 1], label: 'dot', note: 'tiny', colour }]);
  });
});

describe('textStrokes', () => {
  it('has every printable ASCII character, ° and ·, each with its own shape', () => {
    const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    const shapes = [...ascii, '°', '·'].map((character) => JSON.stringify(textStrokes(character)));
    assert.equal(new Set(shapes).size, shapes.length);
    assert.ok(!shapes.includes(JSON.stringify(textStrokes('é'))));
  });

  it('keeps every point within the glyph and the descenders', () => {
    for (let code = 32; code < 127; code++) {
      const { strokes, width } = textStrokes(String.fromCharCode(code));
      for (const chain of strokes) {
        assert.ok(chain.length >= 2);
        for (const [x, y] of chain) assert.ok(x >= 0 && x <= width && y >= 0 && y <= 10);
      }
    }
  });
});

describe('strokeChains', () => {
  it('covers as much as the shape does, and nothing outside of the picture', () => {
    const picture = blank(50, 50);
    strokeChains(
      picture,
      [
        [
          [10, 25],
          [40, 25],
        ],
      ],
      4,
      [255, 255, 255],
    );
    let cover = 0;
    for (let at = 0; at < picture.data.length; at += 3) {
      cover += ((picture.data[at] ?? 0) - GROUND) / (255 - GROUND);
    }
    const wanted = 30 * 4 + Math.PI * 4;
    assert.ok(Math.abs(cover - wanted) < 2, `${cover}, not ${wanted}`);
    strokeChains(
      picture,
      [
        [
          [-99, -99],
          [999, 999],
        ],
      ],
      4,
      [0, 0, 0],
    );
  });
});
