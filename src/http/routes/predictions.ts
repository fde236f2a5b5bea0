import { z } from 'zod';
import type { StoredPrediction } from '../../db/stored-prediction.ts';
import { FoveaError, type ErrorCode } from '../../errors.ts';
import {
  loggedPrediction,
  loggedPredictions,
  predictionsQuery,
  type LoggedPrediction,
} from '../../protocol/logged-prediction.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { ownerSeenBy } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';

const params = z.object({ id: z.uuid() });

/** The prediction log: what was asked, what was answered, how long each stage took. */
export function predictionRoutes(app: App, { predictions }: AppDeps): void {
  app.get(
    '/api/v1/predictions',
    {
      config: { scope: 'predict' },
      schema: {
        tags: ['Predictions'],
        summary: 'Own predictions, newest first',
        description:
          "An administrator sees everybody's. A prediction is listed some seconds after its answer.",
        querystring: predictionsQuery,
        response: { 200: loggedPredictions, ...errorResponses },
      },
    },
    async (request) => {
      const { model_id: modelId, version, ok, from, to, limit, cursor } = request.query;
      const page = await predictions.list({
        ownerId: ownerSeenBy(request),
        modelId,
        version,
        ok,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
        limit,
        cursor,
      });
      return { items: page.items.map(shown), next_cursor: page.nextCursor };
    },
  );

  app.get(
    '/api/v1/predictions/:id',
    {
      config: { scope: 'predict' },
      schema: {
        tags: ['Predictions'],
        summary: 'One prediction, by the prediction_id of its answer',
        params,
        response: { 200: loggedPrediction, ...errorResponses },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = await predictions.get(id, ownerSeenBy(request));
      if (found === undefined) throw notFound(id);
      return shown(found);
    },
  );
}

function notFound(id: string): FoveaError {
  const message = `There is no prediction ${id} of yours; it is not written yet, or older than the retention.`;
  return new FoveaError('PREDICTION_NOT_FOUND', message, { prediction_id: id });
}

function shown(prediction: StoredPrediction): LoggedPrediction {
  const { latency } = prediction;
  return {
    prediction_id: prediction.id,
    model_id: prediction.modelId,
    version: prediction.version,
    at: prediction.at.toISOString(),
    ok: prediction.ok,
    error_code: (prediction.errorCode as ErrorCode | undefined) ?? null, // only ours are written
    rows: prediction.rows,
    cached: prediction.cached,
    latency_ms: {
      queue: latency.queueMs,
      load: latency.loadMs,
      inference: latency.inferenceMs,
      total: latency.totalMs,
    },
    features: [...prediction.features],
    inputs: prediction.inputs.map((row) => [...row]),
    outputs: [...prediction.outputs],
    confidence: prediction.confidence === undefined ? null : [...prediction.confidence],
    predicted_classes: prediction.predictedClasses ?? null,
  };
}
