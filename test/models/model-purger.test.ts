import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { Audit } from '../../src/accounts/audit.ts';
import { AuditTable } from '../../src/db/audit-log.ts';
import type { Database } from '../../src/db/database.ts';
import { ModelAliasTable } from '../../src/db/model-aliases.ts';
import { ModelVersionTable, type NewVersion } from '../../src/db/model-versions.ts';
import { ModelTable } from '../../src/db/models.ts';
import { ModelDirectory } from '../../src/models/model-directory.ts';
import { ModelFiles } from '../../src/models/model-files.ts';
import { ModelLibrary } from '../../src/models/model-library.ts';
import { ModelPurger } from '../../src/models/model-purger.ts';
import { VersionHolds } from '../../src/models/version-holds.ts';
import { temporaryDirectory, testDatabase } from '../support/postgres.ts';

const dayMs = 86_400_000;
const name = 'kept';
const viewer = { ownerId: null };

interface Parts {
  readonly database: Database;
  readonly files: ModelFiles;
  readonly library: ModelLibrary;
  readonly directory: ModelDirectory;
  readonly holds: VersionHolds;
  readonly audit: Audit;
  readonly id: string;
  readonly unloaded: string[];
  /** A purger as a server that just started has it. */
  readonly purger: (retentionMs?: number) => ModelPurger;
  readonly left: () => Promise<number[]>;
}

/** One model with three versions, on a real database and a real folder. */
async function start(t: TestContext): Promise<Parts> {
  const database = await testDatabase(t);
  const tables = {
    models: new ModelTable(database),
    versions: new ModelVersionTable(database),
    aliases: new ModelAliasTable(database),
  };
  const files = new ModelFiles(await temporaryDirectory());
  const directory = new ModelDirectory(tables);
  const library = new ModelLibrary(tables, directory);
  const holds = new VersionHolds();
  const audit = new Audit(new AuditTable(database));
  const id = randomUUIDv7();
  await tables.models.transaction(async (within) => {
    await tables.models.claim({ id, ownerId: null, name }, within);
    for (const version of [1, 2, 3]) {
      const staging = await files.stage();
      await writeFile(files.stagedPath(staging, 'm.onnx'), `version ${version}`);
      await files.settle(staging, { ownerId: null, name, version });
      await tables.versions.insert(row(id, version), within);
    }
    await tables.models.update(id, { lastVersion: 3 }, within);
    await tables.aliases.set(id, 'default', 3, within);
  });
  const unloaded: string[] = [];
  const purger = (retentionMs?: number): ModelPurger =>
    new ModelPurger({
      ...tables,
      files,
      library,
      directory,
      holds,
      audit,
      unload: async (key) => void unloaded.push(key),
      retentionMs,
      patienceMs: 50,
      onTrouble: (error) => assert.fail(String(error)),
    });
  const left = async (): Promise<number[]> => {
    const has = await Promise.all(
      [1, 2, 3].map(async (version) => await files.has({ ownerId: null, name, version })),
    );
    return [1, 2, 3].filter((_, at) => has[at]);
  };
  return { database, files, library, directory, holds, audit, id, unloaded, purger, left };
}

function row(modelId: string, version: number): NewVersion {
  return {
    modelId,
    version,
    format: 'onnx',
    sizeBytes: 9,
    sha256: 'ab'.repeat(32),
    files: [{ name: 'm.onnx', size_bytes: 9, sha256: 'ab'.repeat(32) }],
    signature: { inputs: [], outputs: [] },
    metadata: {},
    report: {},
    batching: 'none',
    vision: null,
    serving: {},
  };
}

const age = async (database: Database, days: number): Promise<void> => {
  const since = new Date(Date.now() - days * dayMs);
  await database.query((db) =>
    sql`update model_versions set archived_at = ${since} where status = 'archived'`.execute(db),
  );
  await database.query((db) =>
    sql`update models set archived_at = ${since} where status = 'archived'`.execute(db),
  );
};

describe('ModelPurger', { concurrency: false }, () => {
  it('purges what has been archived for long, nothing else, and says so in the audit log', async (t) => {
    const { database, library, audit, id, purger, left, unloaded } = await start(t);
    await library.archive(id, viewer, '1');
    await library.archive(id, viewer, '2');
    await age(database, 10);
    await library.change(id, viewer, { status: 'active' }, '2');
    await library.archive(id, viewer, '2'); // anew: it begins to count again
    await purger().sweep();
    assert.deepEqual(await left(), [1, 2, 3], 'never unasked');
    await purger(11 * dayMs).sweep();
    assert.deepEqual(await left(), [1, 2, 3], 'not yet');
    await purger(9 * dayMs).sweep();
    assert.deepEqual(await left(), [2, 3]);
    assert.deepEqual(unloaded, [`${id}:v1`]);
    const { items } = await audit.list({ limit: 10 });
    const [entry] = items.filter(({ action }) => action === 'models.purge');
    assert.deepEqual(
      [entry?.actorKind, entry?.target, entry?.details],
      ['server', id, { model: name, versions: [1] }],
    );
    await library.archive(id, viewer);
    await library.archive(id, viewer); // twice does not count from now on
    await age(database, 10);
    await purger(9 * dayMs).sweep();
    assert.deepEqual(await left(), []);
    await assert.rejects(library.change(id, viewer, { status: 'active' }), {
      code: 'MODEL_PURGED',
    });
  });

  it('completes what a crash cut off between the row and the files', async (t) => {
    const { database, id, purger, left } = await start(t);
    await database.query((db) =>
      sql`update model_versions set status = 'archived', archived_at = now(), purged_at = now() - interval '40 days'
        where model_id = ${id} and version = 2`.execute(db),
    );
    await purger().sweep();
    assert.deepEqual(await left(), [1, 3]);
  });

  it('deletes nothing under whoever works with it, and lets nobody begin', async (t) => {
    const { directory, holds, id, purger, left, unloaded } = await start(t);
    const resolved = await directory.resolve(id, '1');
    const release = holds.hold(resolved);
    const one = purger();
    await one.purge(id, viewer, '1', {
      actorKind: 'cli',
      actorId: null,
      address: null,
      requestId: null,
    });
    assert.deepEqual([await left(), unloaded], [[1, 2, 3], []], 'held');
    assert.throws(() => holds.hold(resolved), { code: 'MODEL_PURGED' });
    await one.sweep();
    assert.deepEqual(await left(), [1, 2, 3], 'still held');
    release();
    await one.sweep();
    assert.deepEqual([await left(), unloaded], [[2, 3], [`${id}:v1`]]);
  });

  it('a restore and a purge at the same time: one of them, never half of each', async (t) => {
    const { database, library, id, purger, left } = await start(t);
    for (const version of [1, 2, 3]) {
      await library.archive(id, viewer, String(version));
      await age(database, 10);
      const [, restored] = await Promise.allSettled([
        purger(9 * dayMs).sweep(),
        library.change(id, viewer, { status: 'active' }, String(version)),
      ]);
      const shown = await library.show(id, viewer, String(version));
      const kept = restored.status === 'fulfilled';
      assert.equal(shown.status, kept ? 'active' : 'archived');
      assert.equal(shown.purged_at === undefined, kept);
      assert.equal((await left()).includes(version), kept);
    }
  });
});
