import { sql, type Selectable, type Transaction } from 'kysely';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import type {
  Batching,
  LifecycleStatus,
  ModelMetadata,
  ModelSignature,
  Serving,
  UploadedFile,
} from '../protocol/model-version.ts';
import type { VisionSpec } from '../protocol/vision-spec.ts';
import type { Database } from './database.ts';
import { archivedAt } from './models.ts';
import { ownerFrom } from './owner-id.ts';
import type { ModelVersionsTable, Tables } from './tables.ts';

/** What was uploaded once, and what was found in it. */
export interface VersionRecord {
  readonly modelId: string;
  /** 1, 2, 3… within its model. */
  readonly version: number;
  readonly status: LifecycleStatus;
  readonly format: string;
  /** Of the uploaded files together. */
  readonly sizeBytes: number;
  /** 64 lower-case hex digits: of the file, or over the digests of several. */
  readonly sha256: string;
  readonly files: readonly UploadedFile[];
  readonly signature: ModelSignature;
  readonly metadata: ModelMetadata;
  readonly report: Readonly<Record<string, unknown>>;
  readonly batching: Batching;
  /** How it looks at pictures; null for a model of rows. */
  readonly vision: VisionSpec | null;
  readonly createdAt: Date;
  /** Since when its files are deleted for good. */
  readonly purgedAt: Date | null;
}

/** A version as predicting needs it; lists do without what may be long. */
export interface ServedVersionRecord extends VersionRecord {
  readonly serving: Serving;
}

export type NewVersion = Omit<ServedVersionRecord, 'createdAt' | 'status' | 'purgedAt'>;

/** A version whose files are to be gone, with what their path is made of. */
export interface PurgedVersion {
  readonly modelId: string;
  readonly ownerId: string | null;
  readonly name: string;
  readonly version: number;
  readonly purgedAt: Date;
}

/** Which versions of a model to purge: one, or those archived since before a time; all when left out. */
export interface PurgeChoice {
  readonly version?: number;
  readonly archivedBefore?: Date;
}

/** All but `serving`. */
const listed = [
  'model_versions.model_id',
  'model_versions.version',
  'model_versions.status',
  'model_versions.format',
  'model_versions.size_bytes',
  'model_versions.sha256',
  'model_versions.files',
  'model_versions.signature',
  'model_versions.metadata',
  'model_versions.report',
  'model_versions.batching',
  'model_versions.vision',
  'model_versions.created_at',
  'model_versions.archived_at',
  'model_versions.purged_at',
] as const;

/** The table `model_versions`. Throws what `Database.query` throws. */
export class ModelVersionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(version: NewVersion, within: Transaction<Tables>): Promise<VersionRecord> {
    const row = await within
      .insertInto('model_versions')
      .values(toRow(version))
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRecord(row);
  }

  async get(modelId: string, version: number): Promise<ServedVersionRecord | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('model_versions')
        .selectAll()
        .where('model_id', '=', modelId)
        .where('version', '=', version)
        .executeTakeFirst(),
    );
    return row && { ...toRecord(row), serving: row.serving };
  }

  /** The versions that `default` leads to, by model. */
  async defaults(modelIds: readonly string[]): Promise<ReadonlyMap<string, VersionRecord>> {
    if (modelIds.length === 0) return new Map();
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('model_versions')
        .innerJoin('model_aliases', (join) =>
          join
            .onRef('model_aliases.model_id', '=', 'model_versions.model_id')
            .onRef('model_aliases.version', '=', 'model_versions.version'),
        )
        .select(listed)
        .where('model_aliases.alias', '=', 'default')
        .where('model_aliases.model_id', 'in', [...modelIds])
        .execute(),
    );
    return new Map(rows.map((row) => [row.model_id, toRecord(row)]));
  }

  /** Newest first. The cursor is the number of the last version seen. @throws FoveaError REQUEST_INVALID. */
  async list(
    modelId: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ items: VersionRecord[]; nextCursor: string | null }> {
    const before = cursor === undefined ? undefined : decodeNumber(cursor);
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('model_versions').select(listed).where('model_id', '=', modelId);
      if (before !== undefined) query = query.where('version', '<', before);
      return query
        .orderBy('version', 'desc')
        .limit(limit + 1)
        .execute();
    });
    const items = rows.slice(0, limit).map(toRecord);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > limit && last ? String(last.version) : null };
  }

  /** The newest version before `version` that is not archived. */
  async before(
    modelId: string,
    version: number,
    within: Transaction<Tables>,
  ): Promise<number | undefined> {
    const row = await within
      .selectFrom('model_versions')
      .select('version')
      .where('model_id', '=', modelId)
      .where('version', '<', version)
      .where('status', '!=', 'archived')
      .orderBy('version', 'desc')
      .executeTakeFirst();
    return row?.version;
  }

  async update(
    modelId: string,
    version: number,
    change: { status?: LifecycleStatus; metadata?: ModelMetadata },
    within?: Transaction<Tables>,
  ): Promise<void> {
    const { status, metadata } = change;
    await this.#database.query(
      (db) =>
        db
          .updateTable('model_versions')
          .set({
            ...(status === undefined ? {} : { status, ...archivedAt(status) }),
            ...(metadata === undefined ? {} : { metadata: storableJson(metadata) }),
          })
          .where('model_id', '=', modelId)
          .where('version', '=', version)
          .execute(),
      within,
    );
  }

  /** How many have their files, of all or of one. */
  async unpurged(
    modelId: string,
    version: number | undefined,
    within: Transaction<Tables>,
  ): Promise<number> {
    let query = within
      .selectFrom('model_versions')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('model_id', '=', modelId)
      .where('purged_at', 'is', null);
    if (version !== undefined) query = query.where('version', '=', version);
    const row = await query.executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** Archives what is chosen and marks it as purged; under the lock of the model. Returns the numbers, smallest first. */
  async purge(
    modelId: string,
    { version, archivedBefore }: PurgeChoice,
    within: Transaction<Tables>,
  ): Promise<number[]> {
    let query = within
      .updateTable('model_versions')
      .set({ status: 'archived', ...archivedAt('archived'), purged_at: sql<Date>`now()` })
      .where('model_id', '=', modelId)
      .where('purged_at', 'is', null);
    if (version !== undefined) query = query.where('version', '=', version);
    if (archivedBefore !== undefined) query = query.where(archivedSince(archivedBefore));
    const rows = await query.returning('version').execute();
    return rows.map((row) => row.version).sort((a, b) => a - b);
  }

  /** Models with versions that were archived before the time and have their files yet. */
  async archivedBefore(time: Date, limit: number): Promise<string[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('model_versions')
        .select('model_id')
        .distinct()
        .where('purged_at', 'is', null)
        .where(archivedSince(time))
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => row.model_id);
  }

  /** In the order they were purged, from a time on or after the last one seen. */
  async purged(from: Date | PurgedVersion, limit: number): Promise<PurgedVersion[]> {
    const after =
      from instanceof Date
        ? sql<boolean>`purged_at >= ${from}`
        : sql<boolean>`(purged_at, model_id, version) > (${from.purgedAt}, ${from.modelId}, ${from.version})`;
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('model_versions')
        .innerJoin('models', 'models.id', 'model_versions.model_id')
        .select(['model_id', 'owner_id', 'name', 'version', 'purged_at'])
        .where('purged_at', 'is not', null)
        .where(after)
        .orderBy('purged_at')
        .orderBy('model_id')
        .orderBy('version')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => ({
      modelId: row.model_id,
      ownerId: ownerFrom(row.owner_id),
      name: row.name,
      version: row.version,
      purgedAt: row.purged_at ?? new Date(0),
    }));
  }
}

/** The version itself or its whole model, whichever came first. */
function archivedSince(time: Date) {
  return sql<boolean>`least(model_versions.archived_at,
    (select models.archived_at from models where models.id = model_versions.model_id)) < ${time}`;
}

function decodeNumber(cursor: string): number {
  const number = z.coerce.number().int().positive().safeParse(cursor);
  if (number.success) return number.data;
  throw new FoveaError(
    'REQUEST_INVALID',
    'The cursor is not one that this server gave out; leave it out to start over.',
    { field: 'cursor' },
  );
}

/** jsonb takes neither NUL nor half of a surrogate pair: they become U+FFFD. A doubled backslash is text. */
function storableJson(value: unknown): string {
  const unstorable = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi;
  return JSON.stringify(value).replaceAll(unstorable, '$1\\ufffd');
}

function toRow(record: NewVersion) {
  return {
    model_id: record.modelId,
    version: record.version,
    format: record.format,
    size_bytes: record.sizeBytes,
    sha256: Buffer.from(record.sha256, 'hex'),
    files: storableJson(record.files),
    signature: storableJson(record.signature),
    metadata: storableJson(record.metadata),
    report: storableJson(record.report),
    batching: record.batching,
    vision: record.vision && storableJson(record.vision),
    serving: storableJson(record.serving),
  };
}

function toRecord(row: Omit<Selectable<ModelVersionsTable>, 'serving'>): VersionRecord {
  return {
    modelId: row.model_id,
    version: row.version,
    status: row.status,
    format: row.format,
    sizeBytes: Number(row.size_bytes),
    sha256: row.sha256.toString('hex'),
    files: row.files,
    signature: row.signature,
    metadata: row.metadata,
    report: row.report,
    batching: row.batching,
    vision: row.vision,
    createdAt: row.created_at,
    purgedAt: row.purged_at,
  };
}
