import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EnrolledFace } from '../../src/protocol/collection.ts';
import type { SwappedImage } from '../../src/protocol/faces.ts';
import { decode } from '../../src/vision/decode.ts';
import type { Pixels } from '../../src/vision/pixels.ts';
import { faceModels } from '../support/face-models.ts';
import { facepluginFeature, facepluginLandmarks } from '../support/faceplugin-model.ts';
import { modelsFolder, type ModelsFolder } from '../support/models-folder.ts';
import { facePhoto, PeopleClient, type Part } from '../support/people.ts';
import { assertError, photo, startTestServer, type TestServer } from '../support/server.ts';
import { manifestOf } from '../vision/insightface.ts';

const json = { accept: 'application/json' };
const limits = { maxPixels: 40e6, formats: ['png', 'jpeg'] } as const;

/** The swapping model has random weights: what it paints is no face, but depends on the face that was sent. */
describe('a swap over HTTP', { concurrency: false }, () => {
  let folder: ModelsFolder;
  let server: TestServer;
  let client: PeopleClient;
  let lisa: Blob;
  let astronaut: Blob;
  before(async () => {
    folder = await modelsFolder([
      await facepluginLandmarks(),
      await facepluginFeature(),
      { manifest: manifestOf('inswapper'), bytes: faceModels.inswapper() },
    ]);
    server = await startTestServer({ FOVEA_MODELS_DIR: folder.path, FOVEA_WORKERS: '1' });
    client = new PeopleClient(server);
    lisa = await facePhoto('joconde');
    astronaut = new Blob([await photo('astronaut.png')]);
  });
  after(async () => {
    await server.close();
    await folder.remove();
  });

  const swap = async (parts: readonly Part[]): Promise<SwappedImage> => {
    const response = await client.post('/api/v1/faces/swap', parts, json);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as SwappedImage;
  };
  const picture = async (bytes: Uint8Array): Promise<Pixels> => await decode(bytes, limits);
  const painted = async ({ image }: SwappedImage): Promise<Pixels> =>
    await picture(Buffer.from(image, 'base64'));

  it('answers the picture, changed about the face only', async () => {
    const response = await client.post('/swap', [
      ['source', lisa],
      ['target', astronaut],
    ]);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'image/png');
    const boxes = JSON.parse(response.headers.get('fovea-swapped') ?? '') as number[][];
    assert.equal(boxes.length, 1);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes[0] ?? [];
    const before = await picture(Buffer.from(await astronaut.arrayBuffer()));
    const after = await picture(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual([after.width, after.height], [before.width, before.height]);
    const [width, height] = [x2 - x1, y2 - y1];
    const near = (x: number, y: number): boolean =>
      x > x1 - width && x < x2 + width && y > y1 - height && y < y2 + height;
    let [inside, outside] = [0, 0];
    for (let at = 0; at < before.data.length; at += 1) {
      if (before.data[at] === after.data[at]) continue;
      const pixel = Math.floor(at / 3);
      if (near(pixel % before.width, Math.floor(pixel / before.width))) inside += 1;
      else outside += 1;
    }
    assert.ok(inside > width * height, `${inside} values changed`);
    assert.equal(outside, 0);
  });

  it('says in JSON which faces were used', async () => {
    const done = await swap([
      ['source', lisa],
      ['target', astronaut],
      ['format', 'jpeg'],
    ]);
    assert.deepEqual([done.format, done.width, done.height], ['jpeg', 512, 512]);
    assert.deepEqual([done.source?.index, done.source?.of], [0, 1]);
    assert.deepEqual(
      done.targets.map(({ index, of }) => [index, of]),
      [[0, 1]],
    );
    assert.deepEqual(
      done.targets.map(({ box }) => box),
      done.swapped,
    );
    assert.ok(done.models.some(({ name }) => name === 'inswapper'));
    const { width, height } = await painted(done);
    assert.deepEqual([width, height], [512, 512]);
  });

  it('takes an enrolled face, as if its picture were sent', async () => {
    const crew = await client.collect('gallery');
    const stored = await enrolled(crew);
    const target = ['target', astronaut] as const;
    const byFace = await swap([['source_face_id', stored.id], target]);
    assert.equal(byFace.source, null);
    const [one, other] = [
      await painted(byFace),
      await painted(await swap([['source', lisa], target])),
    ];
    assert.ok(furthest(one, other) <= 1, `${furthest(one, other)} levels apart`);
    const stranger = await painted(await swap([['source', await facePhoto('audrey')], target]));
    assert.ok(furthest(one, stranger) > 10, 'another face paints another picture');
    const both: Part[] = [['source_face_id', stored.id], ['source', lisa], target];
    const answer = await client.post('/swap', both);
    const { details } = await assertError(answer, 400, 'REQUEST_INVALID');
    assert.equal(details['field'], 'source');
    const nobody: Part[] = [['source_face_id', crew.id], target];
    await assertError(await client.post('/swap', nobody), 404, 'ENROLLED_FACE_NOT_FOUND');
  });

  const enrolled = async (crew: Awaited<ReturnType<PeopleClient['collect']>>) => {
    const [face] = (await client.enrol(await client.add(crew, 'Lisa'), 'joconde')).faces;
    assert.ok(face);
    return face satisfies EnrolledFace;
  };

  it('says which face is not there', async () => {
    const refused = async (more: Part, status: number, code: string): Promise<string> => {
      const parts: Part[] = [['source', lisa], ['target', astronaut], more];
      return (await assertError(await client.post('/swap', parts), status, code)).message;
    };
    for (const field of ['source_face', 'target_face']) {
      const message = await refused([field, '7'], 422, 'FACE_NOT_FOUND');
      assert.match(message, /^The image has 1 faces?.* no face 7/);
      for (const index of ['-1', '1.5', 'left', ''])
        await refused([field, index], 400, 'REQUEST_INVALID');
    }
    await refused(['source_face', 'all'], 400, 'REQUEST_INVALID');
    const rocket = new Blob([await photo('rocket.jpg')]);
    for (const parts of [
      [['source', rocket] as const, ['target', astronaut] as const],
      [['source', lisa] as const, ['target', rocket] as const],
    ])
      await assertError(await client.post('/swap', parts), 422, 'FACE_NOT_FOUND');
    await assertError(await client.post('/swap', [['source', lisa]]), 400, 'IMAGE_MISSING');
  });
});

/** The most that any value of two pictures of one size differs by. */
function furthest(a: Pixels, b: Pixels): number {
  assert.equal(a.data.length, b.data.length);
  return a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - (b.data[at] ?? 0))), 0);
}
