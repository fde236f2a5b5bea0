import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Analytics } from '../analytics/analytics.ts';
import type { PredictionTable } from '../db/predictions.ts';
import type { Health } from '../health/health.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { ImageService } from '../images/image-service.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { Setup } from '../setup/setup.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ImageInputOptions } from './image-input.ts';

export interface AppOptions {
  readonly version: string;
  readonly requestTimeoutMs: number;
  /** Host names to answer to; `undefined` answers to any. */
  readonly allowedHosts: readonly string[] | undefined;
}

/** What the routes are built on. */
export interface AppDeps {
  readonly options: AppOptions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly imageInput: ImageInputOptions;
  readonly images: ImageService;
  readonly library: ImageLibrary;
  readonly registry: ModelRegistry;
  readonly setup: Setup;
  readonly health: Health;
  readonly predictions: PredictionTable;
  readonly analytics: Analytics;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;
