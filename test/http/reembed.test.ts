import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  Collection,
  EnrolledFace,
  Person,
  ReembedJob,
} from '../../src/protocol/collection.ts';
import { call, ok } from '../support/accounts.ts';
import { facePhoto, pathOf, PeopleClient } from '../support/people.ts';
import { queryDatabase } from '../support/server-database.ts';
import { assertError, startTestServer, type TestServer } from '../support/server.ts';

interface Stored {
  readonly id: string;
  readonly model_digest: string;
  readonly embedding: Buffer;
}

/** Enrolled four times: more than the 16 faces between two notes of the progress. */
const frames = [
  'franck_02221',
  'franck_01829',
  'franck_02045',
  'franck_02888',
  'franck_03909',
  'franck_04117',
] as const;
const otherDigest = 'f'.repeat(64);

describe('vectors of another recogniser', { concurrency: false }, () => {
  let server: TestServer;
  let people: PeopleClient;
  let crew: Collection;
  let franck: Person;
  let audrey: Person;
  let original: ReadonlyMap<string, Stored>;
  let lost: EnrolledFace | undefined;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    people = new PeopleClient(server);
    crew = await people.collect('crew');
    franck = await people.add(crew, 'Franck');
    audrey = await people.add(crew, 'Audrey');
    for (let round = 0; round < 4; round += 1) await people.enrol(franck, ...frames);
    [lost] = (await people.enrol(audrey, 'audrey', 'audrey_crop')).faces;
    original = await stored();
    assert.deepEqual(await people.identify(crew, 'audrey_crop'), ['Audrey']);
    await pretendAnotherMadeThem();
  });
  after(async () => await server.close());

  const stored = async (): Promise<ReadonlyMap<string, Stored>> => {
    const rows = await queryDatabase<Stored>(
      server,
      'select id, model_digest, embedding from faces where collection_id = $1',
      [crew.id],
    );
    return new Map(rows.map((row) => [row.id, row]));
  };
  /** As long as before, and nobody's. */
  const pretendAnotherMadeThem = async (): Promise<void> => {
    await queryDatabase(
      server,
      `update faces set model_digest = $2, embedding_norm = null,
         embedding = decode(repeat('00', octet_length(embedding)), 'hex') where collection_id = $1`,
      [crew.id, otherDigest],
    );
    await queryDatabase(
      server,
      `update collections set model_name = 'another', model_digest = $2, revision = revision + 1 where id = $1`,
      [crew.id, otherDigest],
    );
  };

  it('are not compared with, and not joined', async () => {
    const file = ['file', await facePhoto('audrey_crop')] as const;
    const paths = [`/api/v1/collections/${crew.id}/identify`, `${pathOf(audrey)}/faces`];
    for (const path of paths) {
      const answer = await people.post(path, [file]);
      const { details, message } = await assertError(answer, 409, 'EMBEDDING_MODEL_MISMATCH');
      assert.deepEqual(
        [details['collection_model'], details['collection_digest'], details['current_model']],
        ['another', otherDigest, 'faceres'],
      );
      assert.match(message, /POST \/api\/v1\/collections\/[-\w]+\/reembed/);
    }
    const { items } = await ok<{ items: EnrolledFace[] }>(server, `${pathOf(franck)}/faces`);
    assert.ok(items.every(({ model_digest: digest }) => digest === otherDigest));
  });

  it('are made anew from the kept images, and it is told how far that is', async () => {
    const reembed = `/api/v1/collections/${crew.id}/reembed`;
    await ok(server, `DELETE /api/v1/images/${lost?.image_id}`);
    assert.equal((await call(server, reembed)).code, 'JOB_NOT_FOUND');
    const job = await ok<ReembedJob>(server, `POST ${reembed}`);
    assert.deepEqual([job.faces_total, job.faces_done], [original.size, 0]);
    const seen = await watch(reembed);
    const done = seen.map(({ faces_done: count }) => count);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    assert.ok(
      done.some((count) => count > 0 && count < original.size - 1),
      `seen on its way: ${[...new Set(done)].join()}`,
    );
    const last = seen.at(-1);
    assert.deepEqual(
      [last?.state, last?.faces_done, last?.faces_failed, last?.error, last?.model.name],
      ['done', original.size - 1, 1, null, 'faceres'],
    );
  });

  it('are the same as before then, but for an image that is gone', async () => {
    for (const [id, { embedding, model_digest: digest }] of await stored()) {
      const before = original.get(id);
      const same = before?.model_digest === digest && before.embedding.equals(embedding);
      assert.equal(same, id !== lost?.id, id);
    }
    assert.deepEqual(await people.identify(crew, 'audrey_crop'), ['Audrey']);
    assert.deepEqual(await people.identify(crew, 'franck_04117'), ['Franck']);
    const { items } = await ok<{ items: EnrolledFace[] }>(server, `${pathOf(audrey)}/faces`);
    assert.deepEqual(
      new Map(items.map(({ id, searchable }) => [id === lost?.id, searchable])),
      new Map([
        [true, false],
        [false, true],
      ]),
    );
    assert.equal((await people.enrol(audrey, 'audrey')).faces.length, 1);
  });

  /** What is told until it is over. */
  const watch = async (path: string): Promise<ReembedJob[]> => {
    const seen: ReembedJob[] = [];
    const deadline = Date.now() + 60_000;
    do {
      assert.ok(Date.now() < deadline, 'the job is over within a minute');
      seen.push(await ok<ReembedJob>(server, path));
    } while (['queued', 'running'].includes(seen.at(-1)?.state ?? ''));
    return seen;
  };
});
