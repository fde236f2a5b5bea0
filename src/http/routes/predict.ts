import { z } from 'zod';
import { prediction, predictionRequest } from '../../protocol/prediction.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { FoveaError } from '../../errors.ts';

const params = z.object({
  id: z.uuid('must be the id of a model, as GET /api/v1/models lists it'),
});
const query = z.object({
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('A number (3, v3) or an alias; `default` without it.'),
});

export function predictRoutes(
  app: App,
  { userModels: { predictions, maxPredictBytes } }: AppDeps,
): void {
  app.post(
    '/api/v1/predict/:id',
    {
      config: { scope: 'predict' },
      bodyLimit: maxPredictBytes,
      // Rows may hold 100,000 numbers, which the service reads once, by hand.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body'
          ? (value: unknown) => ({ value })
          : (value: unknown) => checked(schema as unknown as z.ZodType, value),
      schema: {
        tags: ['Predict'],
        summary: 'Predict with an uploaded model',
        params,
        querystring: query,
        body: predictionRequest,
        response: { 200: prediction, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { inputs, cache, ...body } = bodyOf(request.body);
      const version = oneVersion(request.query.version, body.version);
      const { answer, deprecated, latency } = await predictions.predict(
        { modelId: request.params.id, version, inputs, cache },
        callerOf(reply),
      );
      if (deprecated) reply.header('deprecation', 'true');
      reply.timings = {
        queue: latency.queueMs,
        load: latency.loadMs,
        inference: latency.inferenceMs,
      };
      return await reply
        .type('application/json; charset=utf-8')
        .serializer(JSON.stringify)
        .send(answer);
    },
  );
}

function checked(schema: z.ZodType, value: unknown) {
  const { data, error } = schema.safeParse(value);
  if (!error) return { value: data };
  const [issue] = error.issues;
  const path = `/${issue?.path.join('/') ?? ''}`;
  throw new FoveaError(
    'REQUEST_INVALID',
    `The request does not fit the schema: ${path}: ${issue?.message ?? ''}.`,
    {
      issues: error.issues.map((each) => ({
        path: `/${each.path.join('/')}`,
        message: each.message,
      })),
    },
  );
}

/** What the route looks at itself; the rows are the service's. */
function bodyOf(body: unknown): {
  inputs: unknown;
  cache: boolean;
  version: string | undefined;
} {
  if (typeof body !== 'object' || body === null)
    return { inputs: undefined, cache: true, version: undefined };
  const { inputs, cache = true, version } = body as Readonly<Record<string, unknown>>;
  if (typeof cache !== 'boolean') throw unfit('cache', 'must be true or false');
  if (version === undefined) return { inputs, cache, version };
  const named = predictionRequest.shape.version.safeParse(version);
  if (!named.success) throw unfit('version', 'must be a number or an alias');
  return { inputs, cache, version: String(named.data) };
}

function oneVersion(asked: string | undefined, told: string | undefined): string | undefined {
  if (asked !== undefined && told !== undefined && asked !== told)
    throw unfit('version', `is ${told}, and the query asks for ${asked}`);
  return asked ?? told;
}

function unfit(field: string, problem: string): FoveaError {
  return new FoveaError('REQUEST_INVALID', `The field \`${field}\` ${problem}.`, {
    issues: [{ path: `/${field}`, message: problem }],
  });
}
