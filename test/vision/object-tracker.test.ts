import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Box } from '../../src/protocol/image.ts';
import type { DetectedObject } from '../../src/protocol/object.ts';
import { MotionFilter } from '../../src/vision/tracking/motion-filter.ts';
import { ObjectTracker } from '../../src/vision/tracking/object-tracker.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';

function object(x: number, y: number, fields: Partial<DetectedObject> = {}): DetectedObject {
  const box: Box = [x, y, x + 40, y + 80];
  return { label: 'person', class_id: 0, score: 0.9, box, ...fields };
}

describe('tracking objects', () => {
  it('filters as the eight-state filter of DeepSORT does', () => {
    // From its kalman_filter.py with (x, y, w, h) for a box of 40 x 80 at (20, 40), measured at (23, 41, 40, 80), (27, 42, 40, 80):
    // see the closed form beside it, worked out in matrices of two by two.
    const filter = new MotionFilter([20, 40, 40, 80]);
    const expected = closedForm(20, [23, 27], 80);
    for (const seen of [
      [23, 41, 40, 80],
      [27, 42, 40, 80],
    ]) {
      filter.predict();
      filter.correct(seen);
    }
    assert.ok(Math.abs((filter.state[0] ?? 0) - expected) < 1e-9, `${filter.state[0]} ${expected}`);
  });

  it('keeps an id while its object moves, faster and faster than its own width in all', () => {
    const tracker = new ObjectTracker();
    const ids = Array.from({ length: 60 }, (_, n) => tracker.update([object(n * 8, n * 2)])[0]);
    assert.deepEqual(new Set(ids), new Set(['1']));
  });

  it('finds it again behind a pillar, where it must have gone', () => {
    const tracker = new ObjectTracker();
    let id: string | undefined;
    for (let n = 0; n < 20; n += 1) [id] = tracker.update([object(n * 6, 100)]);
    for (let n = 20; n < 32; n += 1) tracker.update([]);
    // 12 frames at 6 pixels: two widths further on. Without a prediction it would not overlap.
    assert.deepEqual(tracker.update([object(32 * 6, 100)]), [id]);
  });

  it('keeps two apart that cross', () => {
    const tracker = new ObjectTracker();
    const paths: [string | undefined, string | undefined][] = [];
    for (let n = 0; n <= 40; n += 1) {
      const right = object(n * 10, 100);
      const left = object(400 - n * 10, 118);
      // The detector names them in changing order.
      const turned = n % 2 === 1;
      const ids = tracker.update(turned ? [left, right] : [right, left]);
      paths.push(turned ? [ids[1], ids[0]] : [ids[0], ids[1]]);
    }
    assert.deepEqual(new Set(paths.map(([right]) => right)), new Set(['1']));
    assert.deepEqual(new Set(paths.map(([, left]) => left)), new Set(['2']));
  });

  it('gives who left and came back much later a new id', () => {
    const tracker = new ObjectTracker({ patience: 10 });
    assert.deepEqual(tracker.update([object(0, 0)]), ['1']);
    for (let n = 0; n < 10; n += 1) tracker.update([]);
    assert.deepEqual(tracker.update([object(0, 0)]), ['1'], 'just in time');
    for (let n = 0; n < 11; n += 1) tracker.update([]);
    assert.equal(tracker.size, 0);
    assert.deepEqual(tracker.update([object(0, 0)]), ['2']);
  });

  it('lets unsure detections continue a track, and begin none', () => {
    const tracker = new ObjectTracker();
    assert.deepEqual(tracker.update([object(0, 0, { score: 0.2 })]), [undefined]);
    assert.deepEqual(tracker.update([object(0, 0)]), ['1']);
    assert.deepEqual(tracker.update([object(2, 0, { score: 0.2 })]), ['1']);
    // A sure one goes first, however well the unsure one fits.
    const ids = tracker.update([object(4, 0, { score: 0.2 }), object(8, 0)]);
    assert.deepEqual(ids, [undefined, '1']);
  });

  it('never takes one class for another', () => {
    const tracker = new ObjectTracker();
    tracker.update([object(0, 0)]);
    assert.deepEqual(tracker.update([object(0, 0, { class_id: 1, label: 'dog' })]), ['2']);
    assert.deepEqual(tracker.update([object(0, 0)]), ['1']);
  });

  it('is bounded in tracks and in time', () => {
    const tracker = new ObjectTracker({ most: 300, patience: 1000 });
    const crowd = (shift: number) =>
      Array.from({ length: 300 }, (_, n) => object((n % 20) * 50 + shift, Math.floor(n / 20) * 90));
    tracker.update(crowd(0));
    const started = cpuMilliseconds();
    const ids = tracker.update(crowd(3));
    const ms = cpuMilliseconds() - started;
    assert.deepEqual(
      ids,
      Array.from({ length: 300 }, (_, n) => String(n + 1)),
    );
    assert.ok(ms < 250, `300 objects against 300 tracks took ${ms} ms`);
    tracker.update(crowd(100_000));
    assert.equal(tracker.size, 300);
  });
});

/** The position after the measurements, by the textbook's matrices of position and velocity. */
function closedForm(start: number, seen: readonly number[], height: number): number {
  const [sp, sv] = [height / 20, height / 160];
  let x = [start, 0];
  let p = [
    [(2 * sp) ** 2, 0],
    [0, (10 * sv) ** 2],
  ];
  for (const z of seen) {
    const f = [
      [1, 1],
      [0, 1],
    ];
    x = [dot(f[0], x), dot(f[1], x)];
    p = product(product(f, p), [
      [1, 0],
      [1, 1],
    ]);
    p = [
      [at(p, 0, 0) + sp ** 2, at(p, 0, 1)],
      [at(p, 1, 0), at(p, 1, 1) + sv ** 2],
    ];
    const s = at(p, 0, 0) + sp ** 2;
    const k = [at(p, 0, 0) / s, at(p, 1, 0) / s];
    const y = z - (x[0] ?? 0);
    x = [(x[0] ?? 0) + (k[0] ?? 0) * y, (x[1] ?? 0) + (k[1] ?? 0) * y];
    p = product(
      [
        [1 - (k[0] ?? 0), 0],
        [-(k[1] ?? 0), 1],
      ],
      p,
    );
  }
  return x[0] ?? 0;
}

const at = (m: readonly (readonly number[])[], row: number, column: number): number =>
  m[row]?.[column] ?? 0;
const dot = (a: readonly number[] | undefined, b: readonly number[]): number =>
  (a ?? []).reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
const product = (
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): number[][] =>
  a.map((row) => [0, 1].map((column) => dot(row, [at(b, 0, column), at(b, 1, column)])));
