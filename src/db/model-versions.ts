import type { Selectable, Transaction } from 'kysely';
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
}

/** A version as predicting needs it; lists do without what may be long. */
export interface ServedVersionRecord extends VersionRecord {
  readonly serving: Serving;
}

export type NewVersion = Omit<ServedVersionRecord, 'createdAt' | 'status'>;

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
            ...(status === undefined ? {} : { status }),
            ...(metadata === undefined ? {} : { metadata: storableJson(metadata) }),
          })
          .where('model_id', '=', modelId)
          .where('version', '=', version)
          .execute(),
      within,
    );
  }
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
  };
}
