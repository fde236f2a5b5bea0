import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import test from 'node:test';
import { sql } from 'kysely';
import { AuditTable, type AuditRecord } from '../../src/db/audit-log.ts';
import { everyServer, testDatabase } from '../support/postgres.ts';

function entry(fields: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUIDv7(),
    at: new Date(),
    actorId: randomUUIDv7(),
    actorKind: 'user',
    action: 'user.change',
    target: null,
    address: '127.0.0.1',
    requestId: 'r',
    details: { a: [1, { b: null }] },
    ...fields,
  };
}

test('audit log', async (t) => {
  for (const server of await everyServer(t))
    await t.test(`on ${server.name}`, async (t) => {
      const database = await testDatabase(t, server);
      const table = new AuditTable(database);
      const entries = Array.from({ length: 5 }, (_, index) =>
        entry({ at: new Date(1_700_000_000_000 + index), target: `t${index % 2}` }),
      );
      await table.append(entries);
      await table.append(entries.slice(0, 2)); // a doubtful write, done again
      const first = await table.list({ limit: 3 });
      const second = await table.list({ limit: 3, cursor: first.nextCursor ?? '' });
      assert.deepEqual([...first.items, ...second.items], entries.toReversed());
      assert.equal(second.nextCursor, null);
      assert.equal((await table.list({ limit: 10, target: 't1' })).items.length, 2);
      for (const statement of [
        'update audit_log set action = $$x$$',
        'delete from audit_log',
        'truncate audit_log',
      ])
        await assert.rejects(
          database.query((db) => sql.raw(statement).execute(db)),
          /append-only/,
        );
    });
});
