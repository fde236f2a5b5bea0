import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { Analytics } from '../analytics/analytics.ts';
import type { Collections } from '../collections/collections.ts';
import type { Enroller } from '../collections/enroller.ts';
import type { Identifier } from '../collections/identifier.ts';
import type { People } from '../collections/people.ts';
import type { Reembedding } from '../collections/reembedding.ts';
import type { PredictionTable } from '../db/predictions.ts';
import type { FaceTable } from '../db/faces.ts';
import type { Degradations } from '../dependencies/degradations.ts';
import type { FaceAnalyzer } from '../faces/face-analyzer.ts';
import type { EmbeddingService } from '../embeddings/embedding-service.ts';
import type { Health } from '../health/health.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { ImageService } from '../images/image-service.ts';
import type { ModelFiles } from '../models/model-files.ts';
import type { ModelMemory } from '../models/model-memory.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { ModelPurger } from '../models/model-purger.ts';
import type { VersionHolds } from '../models/version-holds.ts';
import type { NamedVersions } from '../models/named-versions.ts';
import type { DegradableDetector } from '../objects/degradable-detector.ts';
import type { ObjectService } from '../objects/object-service.ts';
import type { ModelPublisher } from '../models/model-publisher.ts';
import type { ModelPuller } from '../models/model-puller.ts';
import type { BatchJobs } from '../jobs/batch-jobs.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { LookupCounts } from '../predict/prediction-cache.ts';
import type { PredictService } from '../predict/predict-service.ts';
import type { FrameSessions } from '../sessions/frame-sessions.ts';
import type { Setup } from '../setup/setup.ts';
import type { SetupEvents } from '../setup/setup-events.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Admission } from './hooks/admit-work.ts';
import type { RateLimits } from './hooks/limit-rates.ts';
import type { ImageInputOptions } from './image-input.ts';
import type { ModelUploadOptions } from './model-upload.ts';

/** What users upload, and predictions with it. */
export interface UserModels {
  readonly library: ModelLibrary;
  readonly versions: NamedVersions;
  readonly publisher: ModelPublisher;
  readonly predictions: PredictService;
  /** What of it is in memory. */
  readonly memory: ModelMemory;
  readonly files: ModelFiles;
  /** Who works with the files of which version. */
  readonly holds: VersionHolds;
  readonly purger: ModelPurger;
  readonly upload: ModelUploadOptions;
  readonly maxPredictBytes: number;
  /** Of results of predictions, by the cache that was asked. */
  readonly cacheLookups: () => Readonly<Record<string, LookupCounts>>;
  /** Starts what predictions need, if there is a model to predict with. */
  readonly warm: () => Promise<void>;
}

/** People who are known by their faces. */
export interface FaceCollections {
  readonly collections: Collections;
  readonly people: People;
  readonly enroller: Enroller;
  readonly identifier: Identifier;
  readonly reembedding: Reembedding;
  readonly storedFaces: Pick<FaceTable, 'vector'>;
}

export interface AppOptions {
  readonly version: string;
  readonly requestTimeoutMs: number;
  /** For routes whose body may come slowly. */
  readonly uploadTimeoutMs: number;
  /** Host names to answer to; `undefined` answers to any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}

/** What the routes are built on. */
export interface AppDeps {
  readonly options: AppOptions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rateLimits: RateLimits;
  readonly accounts: Accounts;
  readonly admission: Admission;
  readonly imageInput: ImageInputOptions;
  readonly images: ImageService;
  readonly embeddings: EmbeddingService;
  readonly library: ImageLibrary;
  readonly registry: ModelRegistry;
  readonly setup: Setup;
  readonly setupEvents: SetupEvents;
  readonly puller: ModelPuller;
  readonly health: Health;
  readonly degradations: Degradations;
  readonly userModels: UserModels;
  readonly objects: ObjectService;
  readonly faces: FaceAnalyzer;
  readonly collections: FaceCollections;
  readonly detector: DegradableDetector;
  readonly sessions: FrameSessions;
  readonly predictions: PredictionTable;
  readonly analytics: Analytics;
  readonly jobs: { readonly batch: BatchJobs; readonly maxBytes: number };
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
