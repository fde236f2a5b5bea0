import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Box } from '../../src/protocol/image.ts';
import type { Detection } from '../../src/vision/detection.ts';
import { iou, suppress, suppressWeighted } from '../../src/vision/nms.ts';

const found = (score: number, box: Box): Detection => ({
  score,
  box,
  landmarks: [[box[0], box[1]]],
});

describe('iou', () => {
  it('is 1 for equal boxes, 0 for apart, touching or empty ones', () => {
    assert.equal(iou([0, 0, 2, 2], [0, 0, 2, 2]), 1);
    assert.equal(iou([0, 0, 2, 2], [3, 3, 4, 4]), 0);
    assert.equal(iou([0, 0, 2, 2], [2, 0, 4, 2]), 0);
    assert.equal(iou([1, 1, 1, 1], [1, 1, 1, 1]), 0);
  });

  it('is intersection over union', () => {
    assert.equal(iou([0, 0, 2, 2], [1, 0, 3, 2]), 2 / 6);
  });
});

describe('suppress', () => {
  it('keeps the best of each cluster, best first', () => {
    const a = found(0.7, [0, 0, 10, 10]);
    const b = found(0.9, [1, 0, 11, 10]);
    const c = found(0.8, [50, 50, 60, 60]);
    assert.deepEqual(suppress([a, b, c], 0.3), [b, c]);
  });

  it('keeps boxes that overlap by exactly the threshold', () => {
    const pair = [found(0.9, [0, 0, 2, 2]), found(0.8, [1, 0, 3, 2])];
    assert.equal(suppress(pair, 2 / 6).length, 2);
    assert.equal(suppress(pair, 2 / 6 - 1e-9).length, 1);
  });

  it('does not chain: a box near a suppressed one stays', () => {
    const row = [
      found(0.9, [0, 0, 10, 10]),
      found(0.8, [4, 0, 14, 10]),
      found(0.7, [8, 0, 18, 10]),
    ];
    assert.deepEqual(suppress(row, 0.3), [row[0], row[2]]);
  });

  it('keeps the order of equal scores', () => {
    const a = found(0.5, [0, 0, 1, 1]);
    const b = found(0.5, [5, 5, 6, 6]);
    assert.deepEqual(suppress([a, b], 0.3), [a, b]);
    assert.deepEqual(suppress([b, a], 0.3), [b, a]);
  });

  it('looks at no more than the best 1000, quickly', () => {
    const crowd = Array.from({ length: 20_000 }, (_, i) =>
      found((i % 997) / 1000, [i * 3, 0, i * 3 + 2, 2]),
    );
    assert.equal(suppress(crowd, 0.3).length, 1000);
  });

  it('of nothing is nothing', () => {
    assert.deepEqual(suppress([], 0.3), []);
  });
});

describe('suppressWeighted', () => {
  it('blends boxes and landmarks by score and keeps the best score', () => {
    const [blended] = suppressWeighted(
      [found(0.9, [0, 0, 10, 10]), found(0.3, [4, 0, 14, 10])],
      0.3,
    );
    assert.ok(blended);
    assert.equal(blended.score, 0.9);
    for (const [index, value] of [1, 0, 11, 10].entries()) {
      assert.ok(Math.abs((blended.box[index] ?? Number.NaN) - value) < 1e-12);
    }
    assert.ok(Math.abs((blended.landmarks[0]?.[0] ?? Number.NaN) - 1) < 1e-12);
  });

  it('leaves a lone box as it is', () => {
    const lone = found(0.5, [1, 2, 3, 4]);
    assert.deepEqual(suppressWeighted([lone], 0.3), [lone]);
  });
});
