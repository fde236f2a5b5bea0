import type { AnalyticsOverview } from '../api/types.ts';
import { count, milliseconds, percent } from '../parts/quantities.ts';
import { Stats } from '../parts/stats.tsx';

/** What predictions of some time have in common with the overview of all. */
export type PredictionTimes = Pick<
  AnalyticsOverview,
  'from' | 'to' | 'bucket_minutes' | 'totals' | 'latency_ms' | 'series'
>;

/** Predictions of some time in a few figures. */
export function PredictionStats({ overview }: { readonly overview: PredictionTimes }) {
  const { totals, latency_ms } = overview;
  const { error_rate: failed, requests, cached } = totals;
  return (
    <Stats
      label="At a glance"
      stats={[
        { name: 'Predictions', value: count(requests), note: `${count(totals.rows)} rows` },
        {
          name: 'Failed',
          value: failed === null ? '–' : percent(failed),
          note: `${count(totals.errors)} requests`,
          tone: failed !== null && failed > 0.01 ? 'bad' : undefined,
        },
        { name: 'p50', value: time(latency_ms.total?.p50), note: 'time to answer' },
        { name: 'p95', value: time(latency_ms.total?.p95), note: 'time to answer' },
        { name: 'p99', value: time(latency_ms.total?.p99), note: 'time to answer' },
        {
          name: 'From the cache',
          value: requests === 0 ? '–' : percent(cached / requests),
          note: `${count(cached)} answers`,
        },
      ]}
    />
  );
}

function time(value: number | undefined): string {
  return value === undefined ? '–' : milliseconds(value);
}
