import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Box } from '../../src/protocol/image.ts';
import type { Area } from '../../src/vision/canvas.ts';
import { type LabelRequest, placeLabels } from '../../src/vision/label-placement.ts';

const picture = { width: 300, height: 200 };
const size = { width: 60, height: 15 };
const above = (box: Box): LabelRequest => ({ ...size, box, side: 'above' });
const place = (...requests: LabelRequest[]) => placeLabels(requests, picture, [], 1);
const corner = (area: Area | undefined) => (area ? [area.x, area.y] : undefined);

describe('placeLabels', () => {
  it('puts a label at the edge of its box', () => {
    assert.deepEqual(corner(place(above([50, 60, 150, 120]))[0]), [49, 44]);
    const [below] = place({ ...size, box: [50, 60, 150, 120], side: 'below' });
    assert.deepEqual(corner(below), [49, 121]);
  });

  it('moves a label into the picture', () => {
    assert.deepEqual(corner(place(above([-20, 2, 90, 50]))[0]), [0, 0]);
    assert.deepEqual(corner(place(above([290, 100, 300, 110]))[0]), [240, 84]);
  });

  it('never lets one hide another, even when all boxes are the same', () => {
    const places = place(...Array.from({ length: 20 }, () => above([100, 90, 200, 110])));
    const found = places.filter((area) => area !== undefined);
    assert.ok(found.length >= 10, `${found.length} of 20`);
    for (const [index, a] of found.entries()) {
      assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= 300 && a.y + a.height <= 200);
      for (const b of found.slice(index + 1)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        assert.ok(apart, JSON.stringify([a, b]));
      }
    }
  });

  it('leaves a label out rather than over another, when the picture is full', () => {
    const tiny = { width: 60, height: 15 };
    const requests = [above([0, 0, 60, 15]), above([0, 0, 60, 15])];
    const [first, second] = placeLabels(requests, tiny, [], 1);
    assert.ok(first);
    assert.equal(second, undefined);
  });

  it('stays off faces where there is room', () => {
    const face: Box = [40, 20, 120, 60];
    const [free] = placeLabels([above([50, 60, 150, 120])], picture, [face], 1);
    assert.ok(free && free.y >= 60, JSON.stringify(free));
    const [full] = placeLabels([above([50, 60, 150, 120])], picture, [[0, 0, 300, 200]], 1);
    assert.deepEqual(corner(full), [49, 44]);
  });
});
