import { CONFIDENCE_BINS } from '../db/latency-bins.ts';
import type { StagePercentiles, Totals } from '../db/prediction-sums.ts';
import type { AnalyticsOverview } from '../protocol/analytics.ts';

type ShownTotals = AnalyticsOverview['totals'];
type ShownStages = AnalyticsOverview['latency_ms'];

export function shownTotals({ requests, errors, cached, rows }: Totals): ShownTotals {
  return { requests, errors, error_rate: requests === 0 ? null : errors / requests, cached, rows };
}

export function addedUp(parts: readonly Totals[]): Totals {
  const sum = { requests: 0, errors: 0, cached: 0, rows: 0 };
  for (const part of parts) {
    sum.requests += part.requests;
    sum.errors += part.errors;
    sum.cached += part.cached;
    sum.rows += part.rows;
  }
  return sum;
}

/** Four digits: the error of the bins is in the third. */
const rounded = (ms: number): number => Number(ms.toPrecision(4));

/** The stages of each bucket, by its time, and of all under NaN. */
export function stagesByTime(found: readonly StagePercentiles[]): Map<number, ShownStages> {
  const stages = new Map<number, ShownStages>();
  for (const { slot, stage, count, p50, p95, p99 } of found) {
    const at = slot?.getTime() ?? Number.NaN;
    const shown = { count, p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) };
    stages.set(at, { ...stages.get(at), [stage]: shown });
  }
  return stages;
}

/** Labels with their part of all that were found. */
export function withShares<T extends { readonly count: number }>(
  found: readonly T[],
): (T & { share: number })[] {
  const all = found.reduce((sum, { count }) => sum + count, 0);
  return found.map((item) => ({ ...item, share: item.count / all }));
}

/** Every bin of the confidence histogram, also the empty ones; none at all when all are empty. */
export function confidenceBins(
  found: readonly { readonly bin: number; readonly count: number }[],
): { from: number; to: number; count: number }[] {
  if (found.length === 0) return [];
  const counts = new Map(found.map(({ bin, count }) => [bin, count]));
  return Array.from({ length: CONFIDENCE_BINS }, (_, bin) => ({
    from: bin / CONFIDENCE_BINS,
    to: (bin + 1) / CONFIDENCE_BINS,
    count: counts.get(bin) ?? 0,
  }));
}
