import type { DriftBin, PredictionDrift } from '../db/prediction-drift.ts';
import type { PredictionSums, SumScope } from '../db/prediction-sums.ts';
import type { Drift } from '../protocol/analytics.ts';
import { addedUp } from './shown-sums.ts';
import type { TimeWindow } from './time-window.ts';

type Feature = Drift['features'][number];

/**
 * Rows looked at per time. Without any drift PSI is then about (B − 1)(1/N + 1/M) = 0.004 for ten
 * bins, far below the 0.1 that counts as a change (Yurdakul, "Statistical Properties of Population
 * Stability Index", 2018).
 */
const sampleRows = 5_000;
/** A record holds no more rows than this. */
const recordedRows = 16;

/** How the inputs of a model's predictions in `current` differ from those in `baseline`. */
export async function inputDrift(
  { sums, drift }: { readonly sums: PredictionSums; readonly drift: PredictionDrift },
  scope: SumScope & { readonly modelId: string },
  baseline: TimeWindow,
  current: TimeWindow,
): Promise<Drift> {
  const [before, now] = await Promise.all([
    answered(sums, scope, baseline),
    answered(sums, scope, current),
  ]);
  const fewest = Math.min(sampleRows, Math.max(1, Math.min(before, now)));
  const bins = await drift.bins({
    ownerId: scope.ownerId,
    modelId: scope.modelId,
    version: scope.version,
    baseline: { from: baseline.from, to: baseline.to, share: sampleRows / Math.max(1, before) },
    current: { from: current.from, to: current.to, share: sampleRows / Math.max(1, now) },
    limit: 2 * sampleRows,
    rowsPerPrediction: Math.min(recordedRows, Math.ceil(sampleRows / fewest)),
  });
  return {
    baseline_from: baseline.from.toISOString(),
    baseline_to: baseline.to.toISOString(),
    baseline_predictions: before,
    current_predictions: now,
    sampled_at_most: 2 * sampleRows,
    features: featuresOf(bins),
  };
}

/** Predictions that were answered, as the sums have them. */
async function answered(
  sums: PredictionSums,
  scope: SumScope,
  { from, to, minutes, bucketMinutes }: TimeWindow,
): Promise<number> {
  const series = await sums.series({ ...scope, from, to, minutes }, bucketMinutes);
  const { requests, errors } = addedUp(series);
  return requests - errors;
}

function featuresOf(bins: readonly DriftBin[]): Feature[] {
  const features = new Map<string, Feature>();
  for (const bin of bins) {
    const feature = features.get(bin.feature) ?? {
      feature: bin.feature,
      kind: bin.edges === null ? 'categorical' : 'numeric',
      psi: bin.psi,
      level: levelOf(bin.psi),
      bins: [],
    };
    feature.bins.push({ label: labelOf(bin), baseline: bin.baseline, current: bin.current });
    features.set(bin.feature, feature);
  }
  return [...features.values()];
}

/** Below 0.1 nothing, below 0.25 a little, then much: Siddiqi, "Credit Risk Scorecards", 2006. */
function levelOf(psi: number | null): Feature['level'] {
  if (psi === null) return 'unknown';
  return psi < 0.1 ? 'stable' : psi < 0.25 ? 'moderate' : 'major';
}

function labelOf({ edges, bin, missing }: DriftBin): string {
  if (missing) return '(missing)';
  if (bin === null) return '(other)';
  if (edges === null) return bin.slice(0, 200);
  const [low, high] = [edges[Number(bin) - 1], edges[Number(bin)]];
  if (low === undefined) return `< ${high}`;
  return high === undefined ? `>= ${low}` : `${low} to ${high}`;
}
