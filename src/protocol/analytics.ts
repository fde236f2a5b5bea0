import { z } from 'zod';

const bucketMinutes = { '5m': 5, '15m': 15, '1h': 60, '6h': 360, '1d': 1440 } as const;
const windowMinutes = {
  '1h': 60,
  '6h': 360,
  '24h': 1440,
  '7d': 10_080,
  '30d': 43_200,
  '90d': 129_600,
} as const;

const keysOf = <T extends object>(table: T) =>
  Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];

/** Which time analytics are about, and how finely. */
export const analyticsQuery = z.object({
  window: z
    .enum(keysOf(windowMinutes))
    .transform((name) => windowMinutes[name])
    .optional()
    .describe('Length of the time that ends at `to`; 24h unless given.'),
  from: z.iso.datetime({ offset: true }).optional().describe('Instead of `window`.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Now unless given.'),
  bucket: z
    .enum(keysOf(bucketMinutes))
    .transform((name) => bucketMinutes[name])
    .optional()
    .describe('Width of the steps of `series`; by default some 30 to 90 steps.'),
});
export type AnalyticsQuery = z.output<typeof analyticsQuery>;

export const modelAnalyticsQuery = analyticsQuery.extend({
  version: z.coerce.number().int().min(1).optional(),
  baseline_from: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Start of the time that inputs are compared with; asks for `drift`.'),
  baseline_to: z.iso.datetime({ offset: true }).optional(),
});
export type ModelAnalyticsQuery = z.output<typeof modelAnalyticsQuery>;

const totals = z
  .object({
    requests: z.int(),
    errors: z.int(),
    error_rate: z.number().nullable().describe('Null without requests.'),
    cached: z.int(),
    rows: z.int(),
  })
  .meta({ id: 'RequestTotals' });

const percentiles = z
  .object({ count: z.int(), p50: z.number(), p95: z.number(), p99: z.number() })
  .meta({ id: 'Percentiles' });
const stages = z
  .object({ total: percentiles, queue: percentiles, load: percentiles, inference: percentiles })
  .partial()
  .describe(
    'Milliseconds, within 1 %. `inference` leaves out cached answers, `load` all that found the model loaded.',
  )
  .meta({ id: 'StageLatency' });

const overviewShape = {
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  bucket_minutes: z.int(),
  totals,
  latency_ms: stages,
  series: z.array(totals.extend({ at: z.iso.datetime(), latency_ms: stages })),
};
const counted = z.object({ label: z.string(), count: z.int(), share: z.number() });
const version = z.int().nullable();

export const analyticsOverview = z
  .object({
    ...overviewShape,
    models: z
      .array(totals.extend({ model_id: z.uuid(), version }))
      .describe('Busiest first, at most 100.'),
  })
  .meta({ id: 'AnalyticsOverview' });
export type AnalyticsOverview = z.infer<typeof analyticsOverview>;

const driftFeature = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical']),
  psi: z.number().nullable().describe('Population stability index; null where one time is empty.'),
  level: z
    .enum(['stable', 'moderate', 'major', 'unknown'])
    .describe('Below 0.1, below 0.25, from 0.25 on.'),
  bins: z.array(z.object({ label: z.string(), baseline: z.int(), current: z.int() })),
});

export const drift = z
  .object({
    baseline_from: z.iso.datetime(),
    baseline_to: z.iso.datetime(),
    baseline_predictions: z.int(),
    current_predictions: z.int(),
    sampled_at_most: z.int(),
    features: z.array(driftFeature).describe('Least stable first.'),
  })
  .meta({ id: 'Drift' });
export type Drift = z.infer<typeof drift>;

export const modelAnalytics = z
  .object({
    model_id: z.uuid(),
    ...overviewShape,
    versions: z.array(totals.extend({ version })),
    classes: z.array(counted).describe('Predicted classes by row, at most 100.'),
    confidence: z.array(z.object({ from: z.number(), to: z.number(), count: z.int() })),
    errors: z.array(counted),
    drift: drift.nullable().describe('Null unless `baseline_from` is given.'),
  })
  .meta({ id: 'ModelAnalytics' });
export type ModelAnalytics = z.infer<typeof modelAnalytics>;

export const errorAnalytics = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    errors: z.int(),
    items: z.array(
      counted.omit({ label: true }).extend({
        code: z.string(),
        model_id: z.uuid(),
        version,
        last_prediction_ids: z
          .array(z.uuid())
          .describe('Some of the newest failures with this code, to look at.'),
      }),
    ),
  })
  .meta({ id: 'ErrorAnalytics' });
export type ErrorAnalytics = z.infer<typeof errorAnalytics>;
