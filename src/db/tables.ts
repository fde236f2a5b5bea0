import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type { ModelSignature, UploadedFile } from '../protocol/model-version.ts';

/** One row per image that an owner has sent; the bytes are in the blob store under the sha256. */
export interface ImagesTable {
  id: string;
  owner_id: string | null;
  sha256: Buffer;
  format: string;
  width: number;
  height: number;
  byte_size: number;
  source: 'upload' | 'url';
  source_url: string | null;
  created_at: ColumnType<Date, never, never>;
  last_used_at: Generated<Date>;
}

/** One row per owner and name. The versions have rows of their own. */
export interface ModelsTable {
  id: string;
  owner_id: string;
  name: string;
  description: string;
  status: Generated<'active' | 'deprecated' | 'archived'>;
  last_version: Generated<number>;
  created_at: ColumnType<Date, never, never>;
  updated_at: Generated<Date>;
}

/** One row per upload. Byte counts come as text: they are bigint. JSON goes in as text. */
export interface ModelVersionsTable {
  model_id: string;
  version: number;
  status: Generated<'active' | 'deprecated' | 'archived'>;
  format: string;
  size_bytes: ColumnType<string, number, never>;
  sha256: Buffer;
  files: ColumnType<UploadedFile[], string, never>;
  signature: ColumnType<ModelSignature, string, never>;
  metadata: ColumnType<Record<string, unknown>, string, string>;
  report: ColumnType<Record<string, unknown>, string, never>;
  batching: 'exact' | 'close' | 'none' | 'single';
  created_at: ColumnType<Date, never, never>;
}

/** Names for versions of a model. */
export interface ModelAliasesTable {
  model_id: string;
  alias: string;
  version: number;
  updated_at: Generated<Date>;
}

/** One row per prediction and per failure; partitioned by day through the time in the id. */
export interface PredictionsTable {
  id: string;
  at: Date;
  owner_id: string;
  model_id: string;
  version: number;
  ok: boolean;
  error_code: string | null;
  cached: boolean;
  rows: number;
  queue_ms: number;
  load_ms: number;
  inference_ms: number;
  total_ms: number;
  confidence: number[] | null;
  classes: Record<string, number> | null;
  lot: number;
  features_id: string | null;
  inputs: unknown;
  outputs: unknown;
}

export interface FeatureSetsTable {
  id: string;
  names: string[];
}

/** One row per batch prediction. Counters come as text: they are bigint. */
export interface PredictionJobsTable {
  id: string;
  owner_id: string;
  model_id: string;
  version: number | null;
  storage_id: string;
  format: 'csv' | 'ndjson';
  state: Generated<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>;
  input_bytes: ColumnType<string, number, never>;
  input_offset: ColumnType<string, never, number>;
  rows_total: ColumnType<string, number, number>;
  rows_done: ColumnType<string, never, number>;
  rows_failed: ColumnType<string, never, number>;
  parts: ColumnType<string[], never, number[]>;
  attempt: Generated<number>;
  attempts_without_progress: Generated<number>;
  running_ms: ColumnType<string, never, number>;
  error_code: ColumnType<string | null, never, string | null>;
  error_message: ColumnType<string | null, never, string | null>;
  created_at: ColumnType<Date, never, never>;
  started_at: ColumnType<Date | null, never, Date>;
  finished_at: ColumnType<Date | null, never, Date>;
}

/** Every table that the queries know. What the database really has: `schema.sql`. */
export interface Tables {
  images: ImagesTable;
  models: ModelsTable;
  model_versions: ModelVersionsTable;
  model_aliases: ModelAliasesTable;
  predictions: PredictionsTable;
  feature_sets: FeatureSetsTable;
  prediction_jobs: PredictionJobsTable;
}

/** What a query runs on: the database, or a transaction on it. */
export type Executor = Kysely<Tables> | Transaction<Tables>;
