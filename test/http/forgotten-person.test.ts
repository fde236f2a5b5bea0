import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Collection, Person } from '../../src/protocol/collection.ts';
import { ok } from '../support/accounts.ts';
import { facePhoto, pathOf, PeopleClient } from '../support/people.ts';
import { queryDatabase } from '../support/server-database.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** In no other word of the server. */
const name = 'Audrey Unmistakable';
const photos = ['audrey', 'audrey_crop'] as const;

describe('a person who is deleted', { concurrency: false }, () => {
  let server: TestServer;
  let crew: Collection;
  let audrey: Person;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    const people = new PeopleClient(server);
    crew = await people.collect('crew');
    audrey = await people.add(crew, name);
    await people.add(crew, 'Somebody else');
    await people.enrol(audrey, ...photos);
    assert.deepEqual(await people.identify(crew, 'audrey'), [name]);
  });
  after(async () => await server.close());

  /** Tables with a row that has the text anywhere; bytes are hexadecimal there. */
  const tablesWith = async (text: string): Promise<string[]> => {
    const tables = await queryDatabase<{ name: string }>(
      server,
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    assert.ok(tables.length > 10);
    const found: string[] = [];
    for (const table of tables) {
      const statement = `select 1 from ${table.name} as t where strpos(t::text, $1) > 0 limit 1`;
      if ((await queryDatabase(server, statement, [text])).length > 0) found.push(table.name);
    }
    return found.toSorted();
  };
  /** Files of the server with these bytes, whatever they are called; those of the database aside. */
  const filesWith = async (sha256: string): Promise<string[]> => {
    const entries = await readdir(server.dataDirectory, { recursive: true, withFileTypes: true });
    const found: string[] = [];
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const place = path.slice(server.dataDirectory.length + 1).split(sep)[0] ?? '';
      if (!entry.isFile() || ['postgres', 'models'].includes(place)) continue;
      const digest = createHash('sha256').update(await readFile(path));
      if (digest.digest('hex') === sha256) found.push(path);
    }
    return found;
  };

  it('is in no table, and in no file', async () => {
    const vectors = await queryDatabase<{ part: string; person_id: string }>(
      server,
      `select person_id, encode(substr(embedding, 1, 32), 'hex') as part from faces where collection_id = $1`,
      [crew.id],
    );
    const images = await Promise.all(
      photos.map(async (photo) => {
        const bytes = Buffer.from(await (await facePhoto(photo)).arrayBuffer());
        return createHash('sha256').update(bytes).digest('hex');
      }),
    );
    const traces = [name, ...images, ...vectors.map(({ part }) => part)];
    assert.equal(traces.length, 5);
    for (const trace of traces) assert.notDeepEqual(await tablesWith(trace), [], trace);
    for (const sha256 of images) assert.equal((await filesWith(sha256)).length, 1);

    await ok(server, `DELETE ${pathOf(audrey)}`);
    for (const sha256 of images) assert.deepEqual(await filesWith(sha256), []);
    for (const trace of traces) assert.deepEqual(await tablesWith(trace), [], trace);
    // That somebody was there and went stays on record, by an id that leads nowhere.
    assert.deepEqual(await tablesWith(audrey.id), ['public.audit_log']);
    const left = await queryDatabase<{ persons: number; faces: number; images: number }>(
      server,
      `select (select count(*)::int from persons) as persons, (select count(*)::int from faces) as faces,
         (select count(*)::int from images) as images`,
    );
    assert.deepEqual(left, [{ persons: 1, faces: 0, images: 0 }]);
    const now = await ok<Collection>(server, `/api/v1/collections/${crew.id}`);
    assert.deepEqual([now.person_count, now.face_count], [1, 0]);
  });
});
