import { sql, type Selectable } from 'kysely';
import { isMissingPartition } from './connection-errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { ownedBy, ownerFrom, type OwnerScope } from './owner-id.ts';
import { insertStatement } from './prediction-insert.ts';
import type { PredictionPartitions } from './prediction-partitions.ts';
import type { StoredPrediction } from './stored-prediction.ts';
import type { FeatureSetsTable, PredictionsTable } from './tables.ts';
import { uuidFloor } from './uuid-time.ts';

export interface PredictionFilter {
  readonly ownerId: OwnerScope;
  readonly modelId?: string | undefined;
  readonly version?: number | undefined;
  readonly ok?: boolean | undefined;
  /** From this time on, and before that one. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** 1 to 100. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface PredictionPage {
  readonly items: readonly StoredPrediction[];
  readonly nextCursor: string | null;
}

/** A prediction on its way into the table: a `StoredPrediction` as JSON, and its id. */
export interface PredictionText {
  readonly id: string;
  readonly text: string;
}

type Row = Selectable<PredictionsTable> & { names: FeatureSetsTable['names'] | null };

/** The table `predictions`. Throws what `Database.query` throws. */
export class PredictionTable {
  readonly #database: Database;
  readonly #partitions: PredictionPartitions;

  constructor(database: Database, partitions: PredictionPartitions) {
    this.#database = database;
    this.#partitions = partitions;
  }

  /**
   * Writes predictions and notes which five minutes changed, in one statement. Those that are
   * there already, by id, are left alone: the same batch may come twice, also at once.
   */
  async insert(predictions: readonly PredictionText[]): Promise<void> {
    if (predictions.length === 0) return;
    try {
      await this.#insert(predictions);
    } catch (error) {
      if (!isMissingPartition(error)) throw error;
      this.#partitions.forget();
      await this.#insert(predictions);
    }
  }

  /** An owner's prediction. Resolves with undefined when it is another's, too. */
  async get(id: string, ownerId: OwnerScope): Promise<StoredPrediction | undefined> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('predictions as p')
        .leftJoin('feature_sets as f', 'f.id', 'p.features_id')
        .selectAll('p')
        .select('f.names')
        .where('p.id', '=', id)
        .where(ownedBy(ownerId))
        .executeTakeFirst(),
    );
    return row && toPrediction(row);
  }

  /** Newest first. Predictions that arrive between two pages do not shift the second. */
  async list(filter: PredictionFilter): Promise<PredictionPage> {
    const { limit, cursor } = filter;
    const rows = await this.#database.query((db) => {
      let query = db
        .selectFrom('predictions as p')
        .leftJoin('feature_sets as f', 'f.id', 'p.features_id')
        .selectAll('p')
        .select('f.names')
        .where(ownedBy(filter.ownerId));
      if (filter.modelId !== undefined) query = query.where('p.model_id', '=', filter.modelId);
      if (filter.version !== undefined) query = query.where('p.version', '=', filter.version);
      if (filter.ok === false) query = query.where(sql<boolean>`not p.ok`);
      if (filter.ok === true) query = query.where(sql<boolean>`p.ok`);
      if (filter.from) query = query.where('p.id', '>=', uuidFloor(filter.from));
      if (filter.to) query = query.where('p.id', '<', uuidFloor(filter.to));
      if (cursor !== undefined) query = query.where('p.id', '<', decodeCursor(cursor).id);
      return query
        .orderBy('p.id', 'desc')
        .limit(limit + 1)
        .execute();
    });
    const items = rows.slice(0, limit).map(toPrediction);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor({ createdAt: last.at, id: last.id }) : null };
  }

  async #insert(predictions: readonly PredictionText[]): Promise<void> {
    await this.#partitions.ensureFor(predictions.map(({ id }) => id));
    const statement = insertStatement(predictions.map(({ text }) => text));
    await this.#database.query((db) => statement.execute(db));
  }
}

function toPrediction(row: Row): StoredPrediction {
  return {
    id: row.id,
    modelId: row.model_id,
    version: row.version === 0 ? null : row.version,
    ownerId: ownerFrom(row.owner_id),
    at: row.at,
    ok: row.ok,
    ...(row.error_code === null ? {} : { errorCode: row.error_code }),
    rows: row.rows,
    cached: row.cached,
    latency: {
      queueMs: row.queue_ms,
      loadMs: row.load_ms,
      inferenceMs: row.inference_ms,
      totalMs: row.total_ms,
    },
    inputs: row.inputs as StoredPrediction['inputs'], // only `insert` writes it
    features: row.names ?? [],
    outputs: row.outputs as StoredPrediction['outputs'],
    ...(row.confidence === null ? {} : { confidence: row.confidence }),
    ...(row.classes === null ? {} : { predictedClasses: row.classes }),
  };
}
