import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type { ActorKind, Role, Scope } from '../protocol/account.ts';
import type { FaceQuality } from '../protocol/face.ts';
import type { ModelSignature, Serving, UploadedFile } from '../protocol/model-version.ts';
import type { VisionSpec } from '../protocol/vision-spec.ts';

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
  enrolled_only: Generated<boolean>;
}

/** People who may use the server. */
export interface UsersTable {
  id: string;
  email: string;
  email_key: string;
  password_hash: string;
  role: Role;
  disabled: Generated<boolean>;
  created_at: ColumnType<Date, never, never>;
  last_login_at: ColumnType<Date | null, never, Date>;
}

/** One row per login: the family of its refresh tokens. */
export interface LoginsTable {
  id: string;
  user_id: string;
  created_at: ColumnType<Date, never, never>;
  expires_at: Date;
  ended_at: ColumnType<Date | null, never, Date>;
}

/** Kept after use until they would have expired. */
export interface RefreshTokensTable {
  token_hash: Buffer;
  login_id: string;
  expires_at: Date;
  used_at: ColumnType<Date | null, never, Date>;
}

export interface ApiKeysTable {
  id: string;
  user_id: string;
  name: string;
  prefix: string;
  key_hash: Buffer;
  scopes: Scope[];
  created_at: ColumnType<Date, never, never>;
  expires_at: Date | null;
  last_used_at: ColumnType<Date | null, never, Date>;
  revoked_at: ColumnType<Date | null, never, Date>;
}

export interface InvitesTable {
  id: string;
  code_hash: Buffer;
  role: Role;
  created_by: string | null;
  created_at: ColumnType<Date, never, never>;
  expires_at: Date;
  used_at: ColumnType<Date | null, never, Date>;
  used_by: ColumnType<string | null, never, string>;
}

/** Append-only: the database refuses the rest. */
export interface AuditLogTable {
  id: string;
  at: Generated<Date>;
  actor_id: string | null;
  actor_kind: ActorKind;
  action: string;
  target: string | null;
  address: string | null;
  request_id: string | null;
  details: ColumnType<Record<string, unknown>, string, never>;
}

/** One row per owner and name. The versions have rows of their own. */
export interface ModelsTable {
  id: string;
  owner_id: string;
  name: string;
  description: string;
  status: Generated<'active' | 'deprecated' | 'archived'>;
  last_version: Generated<number>;
  archived_at: ColumnType<Date | null, never, Date | null>;
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
  vision: ColumnType<VisionSpec | null, string | null, never>;
  created_at: ColumnType<Date, never, never>;
  serving: ColumnType<Serving, string, never>;
  archived_at: ColumnType<Date | null, never, Date | null>;
  purged_at: ColumnType<Date | null, never, Date>;
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

/** One row per analysed frame of a session. */
export interface SessionDetectionsTable {
  id: string;
  session_id: string;
  at: Date;
  owner_id: string;
  image_id: string | null;
  width: number | null;
  height: number | null;
  total_ms: number;
  timings: unknown;
  models: unknown;
  degraded: string[];
  labels: string[];
  objects: unknown;
}

/** People that are known by their faces. */
export interface CollectionsTable {
  id: string;
  owner_id: string;
  name: string;
  description: string;
  metadata: ColumnType<Record<string, unknown>, string, string>;
  threshold: number | null;
  model_name: ColumnType<string | null, never, string | null>;
  model_version: ColumnType<string | null, never, string | null>;
  model_digest: ColumnType<string | null, never, string | null>;
  dimensions: ColumnType<number | null, never, number | null>;
  person_count: Generated<number>;
  face_count: Generated<number>;
  revision: ColumnType<string, never, never>;
  forgotten_revision: ColumnType<string, never, never>;
  reembed_id: ColumnType<string | null, never, string | null>;
  created_at: ColumnType<Date, never, never>;
  updated_at: Generated<Date>;
}

export interface PersonsTable {
  id: string;
  collection_id: string;
  name: string;
  metadata: ColumnType<Record<string, unknown>, string, string>;
  created_at: ColumnType<Date, never, never>;
  updated_at: Generated<Date>;
}

export interface FacesTable {
  id: string;
  collection_id: string;
  person_id: string;
  image_id: string | null;
  box: number[];
  score: number;
  quality: ColumnType<FaceQuality, string, string>;
  forced: boolean;
  model_digest: string;
  embedding: Buffer;
  embedding_norm: number | null;
  revision: ColumnType<string, string, string>;
  created_at: ColumnType<Date, never, never>;
}

/** Ids of faces that went. */
export interface RemovedFacesTable {
  collection_id: string;
  revision: ColumnType<string, string, never>;
  face_id: string;
  removed_at: ColumnType<Date, never, never>;
}

export interface ReembedJobsTable {
  id: string;
  collection_id: string;
  state: Generated<'queued' | 'running' | 'done' | 'failed'>;
  model_name: string;
  model_version: string;
  model_digest: string;
  faces_total: number;
  faces_done: Generated<number>;
  faces_failed: Generated<number>;
  position: ColumnType<string | null, never, string | null>;
  error_code: ColumnType<string | null, never, string | null>;
  error_message: ColumnType<string | null, never, string | null>;
  created_at: ColumnType<Date, never, never>;
  started_at: ColumnType<Date | null, never, Date>;
  finished_at: ColumnType<Date | null, never, Date>;
}

/** Every table that the queries know. What the database really has: `schema.sql`. */
export interface Tables {
  images: ImagesTable;
  users: UsersTable;
  logins: LoginsTable;
  refresh_tokens: RefreshTokensTable;
  api_keys: ApiKeysTable;
  invites: InvitesTable;
  audit_log: AuditLogTable;
  models: ModelsTable;
  model_versions: ModelVersionsTable;
  model_aliases: ModelAliasesTable;
  predictions: PredictionsTable;
  feature_sets: FeatureSetsTable;
  prediction_jobs: PredictionJobsTable;
  session_detections: SessionDetectionsTable;
  collections: CollectionsTable;
  persons: PersonsTable;
  faces: FacesTable;
  removed_faces: RemovedFacesTable;
  reembed_jobs: ReembedJobsTable;
}

/** What a query runs on: the database, or a transaction on it. */
export type Executor = Kysely<Tables> | Transaction<Tables>;

/** A transaction on it. */
export type Within = Transaction<Tables>;
