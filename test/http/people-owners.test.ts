import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Collection, EnrolledFace, Person } from '../../src/protocol/collection.ts';
import {
  auditEntries,
  call,
  login,
  ok,
  person,
  type Person as Account,
} from '../support/accounts.ts';
import { facePhoto, pathOf, PeopleClient } from '../support/people.ts';
import { assertError, startTestServer, type TestServer } from '../support/server.ts';

describe('whose people are seen', { concurrency: false }, () => {
  let server: TestServer;
  let admin: Account;
  let owner: Account;
  let other: Account;
  let crew: Collection;
  let cage: Person;
  let face: EnrolledFace;
  let theirs: Collection;
  let stranger: Person;
  before(async () => {
    server = await startTestServer({ FOVEA_AUTH: 'required', FOVEA_WORKERS: '1' });
    admin = await person(server, 'admin@example.org');
    owner = await person(server, 'owner@example.org');
    other = await person(server, 'other@example.org');
    const mine = new PeopleClient(server, owner.token);
    crew = await mine.collect('crew');
    cage = await mine.add(crew, 'Cage');
    const [enrolled] = (await mine.enrol(cage, 'cage')).faces;
    assert.ok(enrolled);
    face = enrolled;
    const another = new PeopleClient(server, other.token);
    theirs = await another.collect('crew');
    stranger = await another.add(theirs, 'Stranger');
  });
  after(async () => await server.close());

  const place = (): string => `/api/v1/collections/${crew.id}`;
  const id = '01a1fca8-0000-7000-8000-000000000000';
  /** Every request about a collection and its people; those with a file aside. */
  const requests = (): [route: string, body?: object][] => [
    [`GET ${place()}`],
    [`PATCH ${place()}`, { name: 'taken over' }],
    [`GET ${place()}/persons`],
    [`POST ${place()}/persons`, { name: 'Intruder' }],
    [`GET ${pathOf(cage)}`],
    [`PATCH ${pathOf(cage)}`, { name: 'Renamed' }],
    [`POST ${pathOf(cage)}/merge`, { from: [id] }],
    [`GET ${pathOf(cage)}/faces`],
    [`DELETE ${pathOf(cage)}/faces/${face.id}`],
    [`DELETE ${pathOf(cage)}`],
    [`GET ${place()}/reembed`],
    [`POST ${place()}/reembed`],
    [`DELETE ${place()}`],
  ];
  const withFile = (): string[] => [`${place()}/identify`, `${pathOf(cage)}/faces`];
  const file = async () => ['file', await facePhoto('cage')] as const;
  const assertUntouched = async (): Promise<void> => {
    const { token } = owner;
    const now = await ok<Collection>(server, place(), { token });
    assert.deepEqual([now.name, now.person_count, now.face_count], ['crew', 1, 1]);
    assert.equal((await ok<Person>(server, pathOf(cage), { token })).name, 'Cage');
  };

  it('another’s collection is not there, whatever is asked of it', async () => {
    const { token } = other;
    for (const [route, body] of requests()) {
      const answer = await call(server, route, { token, ...(body ? { body } : {}) });
      assert.deepEqual([answer.status, answer.code], [404, 'COLLECTION_NOT_FOUND'], route);
    }
    const client = new PeopleClient(server, token);
    for (const path of withFile())
      await assertError(await client.post(path, [await file()]), 404, 'COLLECTION_NOT_FOUND');
    const { items } = await ok<{ items: Collection[] }>(server, '/api/v1/collections', { token });
    assert.deepEqual(
      items.map((each) => each.id),
      [theirs.id],
    );
    await assertUntouched();
  });

  it('another’s person, face and image are not there through an own collection', async () => {
    const { token } = other;
    const own = `/api/v1/collections/${theirs.id}/persons`;
    const notFound = async (route: string, code: string, body?: object): Promise<void> => {
      const answer = await call(server, route, { token, ...(body ? { body } : {}) });
      assert.deepEqual([answer.status, answer.code], [404, code], route);
    };
    for (const method of ['GET', 'DELETE'])
      await notFound(`${method} ${own}/${cage.id}`, 'PERSON_NOT_FOUND');
    await notFound(`POST ${own}/${stranger.id}/merge`, 'PERSON_NOT_FOUND', { from: [cage.id] });
    await notFound(`DELETE ${own}/${stranger.id}/faces/${face.id}`, 'ENROLLED_FACE_NOT_FOUND');
    const client = new PeopleClient(server, token);
    const imageId = ['image_id', face.image_id ?? ''] as const;
    const enrolling = await client.post(`${own}/${stranger.id}/faces`, [imageId]);
    await assertError(enrolling, 404, 'IMAGE_NOT_FOUND');
    const swapping = await client.post('/swap', [
      ['source_face_id', face.id],
      ['target', await facePhoto('audrey')],
    ]);
    await assertError(swapping, 404, 'ENROLLED_FACE_NOT_FOUND');
    await assertUntouched();
  });

  it('an administrator sees everybody’s', async () => {
    const { token } = admin;
    assert.equal((await ok<Person>(server, pathOf(cage), { token })).name, 'Cage');
    assert.deepEqual(await new PeopleClient(server, token).identify(crew, 'cage'), ['Cage']);
  });

  it('a key needs the scope faces', async () => {
    const keyFor = async (scope: string): Promise<string> =>
      (
        await ok<{ key: string }>(server, 'POST /api/v1/api-keys', {
          body: { name: scope, scopes: [scope] },
          token: owner.token,
        })
      ).key;
    const images = await keyFor('images');
    for (const [route, body] of requests()) {
      const answer = await call(server, route, { token: images, ...(body ? { body } : {}) });
      assert.deepEqual([answer.status, answer.code], [403, 'FORBIDDEN'], route);
    }
    const client = new PeopleClient(server, images);
    for (const path of withFile())
      await assertError(await client.post(path, [await file()]), 403, 'FORBIDDEN');
    await assertUntouched();
    const faces = new PeopleClient(server, await keyFor('faces'));
    assert.deepEqual(await faces.identify(crew, 'cage'), ['Cage']);
  });

  it('a viewer may only read', async () => {
    const change = async (role: string): Promise<string> => {
      const route = `PATCH /api/v1/users/${owner.user.id}`;
      await ok(server, route, { body: { role }, token: admin.token });
      return (await login(server, owner.user.email)).access_token;
    };
    const token = await change('viewer');
    for (const [route, body] of requests()) {
      const answer = await call(server, route, { token, ...(body ? { body } : {}) });
      if (!route.startsWith('GET')) assert.equal(answer.code, 'FORBIDDEN', route);
      else if (!route.endsWith('/reembed')) assert.equal(answer.status, 200, route);
    }
    const client = new PeopleClient(server, token);
    for (const path of withFile())
      await assertError(await client.post(path, [await file()]), 403, 'FORBIDDEN');
    owner = { ...owner, token: await change('member') };
    await assertUntouched();
  });

  it('every change is in the audit log, without names', async () => {
    const { token } = owner;
    const client = new PeopleClient(server, token);
    const twin = await client.add(crew, 'Secret Twin');
    const [first] = (await client.enrol(twin, 'cage2_crop')).faces;
    await ok(server, `PATCH ${pathOf(twin)}`, { body: { name: 'Secret Brother' }, token });
    await ok(server, `DELETE ${pathOf(twin)}/faces/${first?.id}`, { token });
    await ok(server, `POST ${pathOf(cage)}/merge`, { body: { from: [twin.id] }, token });
    await ok(server, `PATCH ${place()}`, { body: { description: 'changed' }, token });
    await ok(server, `POST ${place()}/reembed`, { token });
    await ok(server, `DELETE ${pathOf(cage)}`, { token });
    await ok(server, `DELETE ${place()}`, { token });
    const targets: Record<string, string | undefined> = {
      'collection.create': crew.id,
      'person.create': twin.id,
      'person.enrol': twin.id,
      'person.edit': twin.id,
      'face.delete': first?.id,
      'person.merge': cage.id,
      'collection.edit': crew.id,
      'collection.reembed': crew.id,
      'person.delete': cage.id,
      'collection.delete': crew.id,
    };
    for (const [action, target] of Object.entries(targets)) {
      const query = `action=${action}&actor_id=${owner.user.id}`;
      const entries = await auditEntries(server, admin.token, query);
      const entry = entries.find((each) => each.target === target);
      assert.ok(entry?.address && entry.request_id, action);
      assert.equal(entry.actor_kind, 'user');
      assert.doesNotMatch(JSON.stringify(entries), /Secret|Cage/);
    }
    for (const action of ['collection.edit', 'person.delete', 'face.delete']) {
      const query = `action=${action}&actor_id=${other.user.id}`;
      const { items } = await ok<{ items: unknown[] }>(server, `/api/v1/audit-log?${query}`, {
        token: admin.token,
      });
      assert.deepEqual(items, [], `${action}: what was refused was not done`);
    }
  });
});
