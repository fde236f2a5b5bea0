import type { Selectable } from 'kysely';
import type { ActorKind } from '../protocol/account.ts';
import type { Database } from './database.ts';
import { newestFirst, pageOf, type Page, type PageRequest } from './page.ts';
import type { AuditLogTable, Within } from './tables.ts';

export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  readonly actorId: string | null;
  readonly actorKind: ActorKind;
  readonly action: string;
  readonly target: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  /** Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditQuery extends PageRequest {
  readonly actorId?: string | undefined;
  readonly target?: string | undefined;
  readonly action?: string | undefined;
}

/** The table `audit_log`, to which one can only add. Throws what `Database.query` throws. */
export class AuditTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** An entry that is there already is left alone, so that a doubtful write may be done again. */
  async append(entries: readonly AuditRecord[], within?: Within): Promise<void> {
    if (entries.length === 0) return;
    await this.#database.query(
      (db) =>
        db
          .insertInto('audit_log')
          .values(
            entries.map(({ id, at, actorId, actorKind, action, target, ...entry }) => ({
              id,
              at,
              actor_id: actorId,
              actor_kind: actorKind,
              action,
              target,
              address: entry.address,
              request_id: entry.requestId,
              details: JSON.stringify(entry.details),
            })),
          )
          .onConflict((on) => on.column('id').doNothing())
          .execute(),
      within,
    );
  }

  /** Newest first. */
  async list({ actorId, target, action, ...page }: AuditQuery): Promise<Page<AuditRecord>> {
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('audit_log').selectAll();
      if (actorId !== undefined) query = query.where('actor_id', '=', actorId);
      if (target !== undefined) query = query.where('target', '=', target);
      if (action !== undefined) query = query.where('action', '=', action);
      return newestFirst(query, page, 'at').execute();
    });
    return pageOf(rows.map(toRecord), page.limit, ({ at }) => at);
  }
}

function toRecord(row: Selectable<AuditLogTable>): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    actorId: row.actor_id,
    actorKind: row.actor_kind,
    action: row.action,
    target: row.target,
    address: row.address,
    requestId: row.request_id,
    details: row.details,
  };
}
