import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import type { Box, Point } from '../../src/protocol/image.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { decoderFor } from '../../src/vision/decoders.ts';
import { facesAmong } from '../../src/vision/faces-among.ts';
import { manifestOf } from './insightface.ts';

const face: { readonly box: Box; readonly points: readonly Point[] } = {
  box: [40, 24, 88, 84],
  points: [
    [52, 44],
    [75, 43],
    [64, 56],
    [55, 69],
    [73, 70],
  ],
};
const input = { ...manifestOf('scrfd-6').input, width: 128, height: 96 };

function manifest(output: ModelManifest['output']): ModelManifest {
  return { ...manifestOf('scrfd-6'), input, output, thresholds: { score: 0.5, iou: 0.4 } };
}

function tensor(dims: number[], data = new Float32Array(dims.reduce((a, b) => a * b, 1))) {
  return { dims, data };
}

function near(found: readonly number[], wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [index, value] of wanted.entries())
    assert.ok(Math.abs((found[index] ?? NaN) - value) < 1e-3, `${found.join()}, ${wanted.join()}`);
}

describe('decodePriorBox', () => {
  const output = {
    decoder: 'prior-box',
    boxes: 'loc',
    scores: 'conf',
    points: 'landms',
    activation: 'softmax',
    priors: [
      { stride: 8, sizes: [16, 32] },
      { stride: 16, sizes: [64, 128] },
      { stride: 32, sizes: [256, 512] },
    ],
    variances: [0.1, 0.2],
  } as const satisfies ModelManifest['output'];
  // 12 x 16, 6 x 8 and 3 x 4 cells of two priors.
  const count = 2 * (192 + 48 + 12);

  /** What RetinaFace's encode() makes of the face for one prior. */
  function encoded(row: number, [cx, cy, side]: readonly [number, number, number]) {
    const boxes = tensor([1, count, 4]);
    const scores = tensor([1, count, 2]);
    const landms = tensor([1, count, 10]);
    const [x1, y1, x2, y2] = face.box;
    boxes.data.set(
      [
        ((x1 + x2) / 2 - cx) / (0.1 * side),
        ((y1 + y2) / 2 - cy) / (0.1 * side),
        Math.log((x2 - x1) / side) / 0.2,
        Math.log((y2 - y1) / side) / 0.2,
      ],
      4 * row,
    );
    for (let at = 0; at < count; at++) scores.data.set([4, -4], 2 * at);
    scores.data.set([-1, 2], 2 * row);
    landms.data.set(
      face.points.flatMap(([x, y]) => [(x - cx) / (0.1 * side), (y - cy) / (0.1 * side)]),
      10 * row,
    );
    return { loc: boxes, conf: scores, landms };
  }

  it('undoes the encoding of a face at priors of every stride', () => {
    // Row, column and number of the prior in its cell, per stride.
    const cells = [
      { row: 2 * (6 * 16 + 7) + 1, prior: [60, 52, 32] as const },
      { row: 2 * 192 + 2 * (3 * 8 + 4), prior: [72, 56, 64] as const },
      { row: 2 * (192 + 48) + 2 * (1 * 4 + 2), prior: [80, 48, 256] as const },
    ];
    for (const { row, prior } of cells) {
      const found = decoderFor('face-detection', manifest(output))(encoded(row, prior));
      assert.equal(found.length, 1);
      near(found[0]?.box ?? [], face.box);
      near(found[0]?.landmarks.flat() ?? [], face.points.flat());
      near([found[0]?.score ?? 0], [1 / (1 + Math.exp(-3))]);
    }
  });

  it('refuses outputs of another number of priors', () => {
    const outputs = { ...encoded(0, [4, 4, 16]), loc: tensor([1, count - 2, 4]) };
    assert.throws(
      () => decoderFor('face-detection', manifest(output))(outputs),
      (error: unknown) => error instanceof FoveaError && error.code === 'MODEL_INVALID',
    );
  });
});

describe('decodeYoloFace', () => {
  const [x1, y1, x2, y2] = face.box;
  const box = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];

  it('reads rows of YOLOv5-face: objectness times class', () => {
    const rows = tensor([1, 3, 16]);
    rows.data.set([...box, 0.9, ...face.points.flat(), 0.8], 16);
    rows.data.set([...box, 0.9, ...face.points.flat(), 0.5], 32);
    const output = { decoder: 'yolo-face', rows: 'rows', layout: 'v5', point_values: 2 } as const;
    const found = decoderFor('face-detection', manifest(output))({ rows });
    assert.equal(found.length, 1);
    near([...(found[0]?.box ?? []), found[0]?.score ?? 0], [...face.box, 0.72]);
    near(found[0]?.landmarks.flat() ?? [], face.points.flat());
  });

  for (const values of [2, 3] as const) {
    it(`reads channels of YOLOv8 with points of ${values} values, and drops what is no number`, () => {
      const points = face.points.flatMap((point) => [...point, ...(values === 3 ? [0.99] : [])]);
      const column = [...box, 0.8, ...points];
      const rows = tensor([1, column.length, 4]);
      for (const [channel, value] of column.entries()) {
        rows.data[4 * channel + 2] = value;
        rows.data[4 * channel + 3] = channel === 0 ? NaN : value;
      }
      const output = {
        decoder: 'yolo-face',
        rows: 'rows',
        layout: 'v8',
        point_values: values,
      } as const;
      const found = decoderFor('face-detection', manifest(output))({ rows });
      assert.equal(found.length, 1);
      near([...(found[0]?.box ?? []), found[0]?.score ?? 0], [...face.box, 0.8]);
      near(found[0]?.landmarks.flat() ?? [], face.points.flat());
    });
  }
});

describe('facesAmong', () => {
  const small = { box: [0, 0, 3, 3] as Box, score: 0.9, landmarks: [] };
  // One pixel aside: 0.5 of the union as continuous boxes, 0.6 as whole pixels.
  const beside = { box: [1, 0, 4, 3] as Box, score: 0.8, landmarks: [] };

  it('counts whole pixels for SCRFD, and continuous boxes for YOLO', () => {
    const thresholds = { score: 0.5, iou: 0.55 };
    const scrfd = { ...manifestOf('scrfd-6'), thresholds };
    const output = { decoder: 'yolo-face', rows: 'rows', layout: 'v8', point_values: 2 } as const;
    assert.equal(facesAmong([small, beside], scrfd).length, 1);
    assert.equal(facesAmong([small, beside], { ...scrfd, output }).length, 2);
  });
});
