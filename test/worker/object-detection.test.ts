import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { centernet } from '../../src/models/catalog/centernet.ts';
import { decode } from '../../src/vision/decode.ts';
import { iou } from '../../src/vision/nms.ts';
import { mirrored } from '../../src/vision/pixels.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { detectObjects } from '../../src/worker/object-detection.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { hostModel } from '../support/catalog-models.ts';
import { LIMITS, photo } from '../vision/image-files.ts';
import { oracleModel } from './oracle-model.ts';

const model = await hostModel(centernet);
const oracle = await oracleModel(centernet);

type PhotoName = Parameters<typeof photo>[0];
const pixelsOf = async (name: PhotoName) => decode(photo(name), LIMITS);
const find = async (name: PhotoName, by: HostedModel = model) =>
  detectObjects(await pixelsOf(name), by, new StageClock());

describe('detectObjects', () => {
  for (const name of ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg'] as const) {
    it(`finds in ${name} what TensorFlow.js finds: scores within 0.001, boxes within 0.5 pixels`, async () => {
      const found = await find(name);
      const wanted = await find(name, oracle);
      assert.deepEqual(
        found.map(({ label, class_id }) => [label, class_id]),
        wanted.map(({ label, class_id }) => [label, class_id]),
      );
      for (const [index, { score, box }] of found.entries()) {
        const other = wanted[index];
        assert.ok(other && Math.abs(score - other.score) <= 0.001);
        for (const [side, value] of box.entries()) {
          assert.ok(Math.abs(value - (other.box[side] ?? Number.NaN)) <= 0.5);
        }
      }
    });
  }

  it('names the things that are there', async () => {
    const labels = async (name: PhotoName) => (await find(name)).map(({ label }) => label);
    assert.deepEqual(await labels('astronaut.png'), ['person']);
    assert.deepEqual(await labels('chelsea.png'), ['cat']);
    assert.equal((await labels('coffee.png'))[0], 'cup');
    assert.deepEqual(await labels('rocket.jpg'), []);
  });

  it('boxes the cup where it stands, in the picture and in its mirror', async () => {
    const [cup] = await find('coffee.png');
    assert.ok(cup);
    // Read off the photo by eye: saucer included, as the model sees it.
    assert.ok(iou(cup.box, [165, 20, 415, 260]) > 0.8, cup.box.join());
    const turned = mirrored(await pixelsOf('coffee.png'));
    const [other] = await detectObjects(turned, model, new StageClock());
    assert.equal(other?.label, 'cup');
    const [x1, y1, x2, y2] = other.box;
    assert.ok(iou(cup.box, [600 - x2, y1, 600 - x1, y2]) > 0.8, other.box.join());
  });

  it('refuses a model of another task', async () => {
    const { manifest } = model.spec;
    const spec = { ...model.spec, manifest: { ...manifest, task: 'face-mesh' as const } };
    await assert.rejects(find('rocket.jpg', { ...model, spec }), { code: 'MODEL_INVALID' });
  });
});
