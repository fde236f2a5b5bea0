import type { OwnerScope } from '../db/owner-id.ts';
import type { PredictionDrift } from '../db/prediction-drift.ts';
import type { PredictionSums, SumScope } from '../db/prediction-sums.ts';
import type { PredictionTable } from '../db/predictions.ts';
import type {
  AnalyticsOverview,
  AnalyticsQuery,
  ErrorAnalytics,
  ModelAnalytics,
  ModelAnalyticsQuery,
} from '../protocol/analytics.ts';
import { inputDrift } from './input-drift.ts';
import { addedUp, confidenceBins, shownTotals, stagesByTime, withShares } from './shown-sums.ts';
import { baselineWindow, bucketsOf, timeWindow, type TimeWindow } from './time-window.ts';

export interface AnalyticsSources {
  readonly sums: PredictionSums;
  readonly drift: PredictionDrift;
  readonly predictions: PredictionTable;
}

const listLimit = 100;
const exampleIds = 3;

type Course = Omit<AnalyticsOverview, 'models'>;

/**
 * What predictions look like over time: an owner's, or everybody's where `ownerId` is undefined. Everything is computed by the database from sums
 * that follow the log within seconds. Throws REQUEST_INVALID and DATABASE_UNAVAILABLE.
 */
export class Analytics {
  readonly #sources: AnalyticsSources;

  constructor(sources: AnalyticsSources) {
    this.#sources = sources;
  }

  /** All models together, and each by name. */
  async overview(
    ownerId: OwnerScope,
    query: AnalyticsQuery,
    now = new Date(),
  ): Promise<AnalyticsOverview> {
    const window = timeWindow(query, now);
    const scope = { ownerId, ...window };
    const [course, models] = await Promise.all([
      this.#course(scope, window),
      this.#sources.sums.models(scope, listLimit),
    ]);
    return {
      ...course,
      models: models.map((model) => ({
        ...shownTotals(model),
        model_id: model.modelId,
        version: model.version || null,
      })),
    };
  }

  /** One model, or one version of it. A model without predictions has zeros. */
  async model(
    ownerId: OwnerScope,
    modelId: string,
    query: ModelAnalyticsQuery,
    now = new Date(),
  ): Promise<ModelAnalytics> {
    const { sums } = this.#sources;
    const window = timeWindow(query, now);
    const scope = { ownerId, modelId, version: query.version, ...window };
    const [course, versions, classes, confidence, errors, drift] = await Promise.all([
      this.#course(scope, window),
      sums.models(scope, listLimit),
      sums.labels(scope, 'class', listLimit),
      sums.confidence(scope),
      sums.labels(scope, 'error', listLimit),
      query.baseline_from === undefined
        ? null
        : inputDrift(
            this.#sources,
            scope,
            baselineWindow(query.baseline_from, query.baseline_to),
            window,
          ),
    ]);
    return {
      model_id: modelId,
      ...course,
      versions: versions.map((part) => ({ ...shownTotals(part), version: part.version || null })),
      classes: withShares(classes),
      confidence: confidenceBins(confidence),
      errors: withShares(errors),
      drift,
    };
  }

  /** Failures by code, model and version, with some to look at. */
  async errors(
    ownerId: OwnerScope,
    query: AnalyticsQuery,
    now = new Date(),
  ): Promise<ErrorAnalytics> {
    const { sums, predictions } = this.#sources;
    const window = timeWindow(query, now);
    const [found, newest] = await Promise.all([
      sums.errors({ ownerId, ...window }, listLimit),
      predictions.list({ ownerId, ok: false, from: window.from, to: window.to, limit: 100 }),
    ]);
    const examples = (code: string, modelId: string, version: number): string[] =>
      newest.items
        .filter((item) => item.errorCode === code && item.modelId === modelId)
        .filter((item) => (item.version ?? 0) === version)
        .slice(0, exampleIds)
        .map(({ id }) => id);
    return {
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      errors: found.reduce((sum, { count }) => sum + count, 0),
      items: withShares(found).map(({ label, modelId, version, count, share }) => ({
        code: label,
        model_id: modelId,
        version: version || null,
        count,
        share,
        last_prediction_ids: examples(label, modelId, version),
      })),
    };
  }

  async #course(scope: SumScope, window: TimeWindow): Promise<Course> {
    const { sums } = this.#sources;
    const [series, percentiles] = await Promise.all([
      sums.series(scope, window.bucketMinutes),
      sums.percentiles(scope, window.bucketMinutes),
    ]);
    const totals = new Map(series.map((part) => [part.slot.getTime(), part]));
    const stages = stagesByTime(percentiles);
    return {
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      bucket_minutes: window.bucketMinutes,
      totals: shownTotals(addedUp(series)),
      latency_ms: stages.get(Number.NaN) ?? {},
      series: bucketsOf(window).map((at) => ({
        at: at.toISOString(),
        ...shownTotals(totals.get(at.getTime()) ?? addedUp([])),
        latency_ms: stages.get(at.getTime()) ?? {},
      })),
    };
  }
}
