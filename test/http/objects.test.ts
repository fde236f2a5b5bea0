import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Analysis } from '../../src/protocol/analysis.ts';
import type { DetectedObject } from '../../src/protocol/object.ts';
import { assertError, form, photo, startTestServer, type TestServer } from '../support/server.ts';

describe('objects, and the parts of an analysis', () => {
  let server: TestServer;
  let astronaut: Buffer<ArrayBuffer>;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    astronaut = await photo('astronaut.png');
  });
  after(async () => await server.close());

  async function analyze(query: string, fields: Record<string, string> = {}): Promise<Analysis> {
    const response = await server.fetch(`/api/v1/analyze/image${query}`, {
      method: 'POST',
      body: form(astronaut, fields),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Analysis;
  }

  it('finds the cup in the coffee and the person in the suit', async () => {
    const detect = async (
      name: string,
    ): Promise<{ detections: DetectedObject[]; models: { name: string }[]; degraded: [] }> =>
      (await (
        await server.fetch('/api/v1/detect', { method: 'POST', body: form(await photo(name)) })
      ).json()) as never;
    const coffee = await detect('coffee.png');
    assert.equal(coffee.detections[0]?.label, 'cup');
    assert.deepEqual([coffee.models.map(({ name }) => name), coffee.degraded], [['centernet'], []]);
    const { detections } = await detect('astronaut.png');
    assert.deepEqual(
      detections.map(({ label, class_id: id }) => [label, id]),
      [['person', 0]],
    );
    const [x1 = -1, y1 = -1, x2 = 0, y2 = 0] = detections[0]?.box ?? [];
    assert.ok(
      x1 >= 0 && y1 >= 0 && x2 <= 512 && y2 <= 512 && x2 - x1 > 250 && y2 - y1 > 400,
      String(detections[0]?.box),
    );
  });

  it('holds faces with their attributes, and objects, by default', async () => {
    const { faces = [], objects = [], degraded, models } = await analyze('');
    const [face] = faces;
    assert.ok(
      face && face.age !== undefined && face.gender && face.emotion && face.liveness !== undefined,
    );
    assert.deepEqual([face.gender.label, face.emotion.label], ['female', 'happy']);
    assert.ok(face.age > 20 && face.age < 55 && face.liveness > 0.5);
    assert.deepEqual([face.mesh, face.iris, face.embedding], [undefined, undefined, undefined]);
    assert.equal(objects[0]?.label, 'person');
    assert.deepEqual(degraded, []);
    assert.ok(models.every(({ inference_ms: ms }) => ms !== undefined && ms > 0));
  });

  it('adds mesh, iris and embedding on request, from query or form', async () => {
    for (const { faces = [] } of [
      await analyze('?include=mesh,iris,embedding'),
      await analyze('', { include: 'mesh,iris,embedding' }),
    ]) {
      const [face] = faces;
      assert.equal(face?.mesh?.length, 468);
      assert.deepEqual([face.iris?.left.length, face.iris?.right.length], [5, 5]);
      assert.ok(Math.abs(Math.hypot(...(face.embedding ?? [])) - 1) < 1e-3);
      assert.ok(face.age !== undefined);
    }
  });

  it('computes nothing but what `only` names', async () => {
    const objects = await analyze('?only=objects');
    assert.deepEqual(
      [objects.faces, objects.models.map(({ name }) => name)],
      [undefined, ['centernet']],
    );
    const faces = await analyze('?only=faces');
    assert.deepEqual(
      [faces.objects, faces.faces?.[0]?.age, faces.models.map(({ name }) => name)],
      [undefined, undefined, ['blazeface-256']],
    );
    const iris = await analyze('?only=iris');
    assert.deepEqual(
      iris.models.map(({ name }) => name),
      ['blazeface-256', 'facemesh', 'iris'],
    );
    assert.deepEqual([iris.faces?.[0]?.mesh, iris.faces?.[0]?.iris?.left.length], [undefined, 5]);
  });

  it('says what is wrong with a choice', async () => {
    await assertError(
      await server.fetch('/api/v1/analyze/image?only=everything', {
        method: 'POST',
        body: form(astronaut),
      }),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await server.fetch('/api/v1/analyze/image?only=faces&include=mesh', {
        method: 'POST',
        body: form(astronaut),
      }),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await server.fetch('/api/v1/detect?model=yolo', { method: 'POST', body: form(astronaut) }),
      404,
      'MODEL_NOT_FOUND',
    );
    await assertError(
      await server.fetch('/api/v1/classify', { method: 'POST', body: form(astronaut) }),
      503,
      'MODEL_UNAVAILABLE',
    );
  });
});
