import type { ErrorCode } from '../errors.ts';
import type { ResolvedVersion } from '../models/model-directory.ts';
import type { Computed } from './computations.ts';
import type { PredictionLatency, PredictionRecord } from './prediction-record.ts';
import { sampleOutputs, type SampledInputs } from './prediction-sample.ts';

/** How far a request came: what its record can say when it fails. */
export interface Progress {
  version?: ResolvedVersion;
  sample?: SampledInputs;
  rows: number;
}

type Outcome = { readonly latency: PredictionLatency } & (
  | { readonly computed: Computed }
  | { readonly code: ErrorCode }
);

/** The record of one request; undefined when it never came to a model of the caller's. */
export function recordOf(
  id: string,
  { version: resolved, sample, rows }: Progress,
  outcome: Outcome,
): PredictionRecord | undefined {
  if (!resolved) return undefined;
  const { model, version } = resolved;
  const shared = {
    id,
    modelId: model.id,
    version: version.version,
    // Of the model: its owner sees what others predict with it, too.
    ownerId: model.ownerId,
    at: new Date(),
    rows,
    latency: outcome.latency,
    inputs: sample?.inputs ?? [],
    features: sample?.features ?? [],
  };
  if ('code' in outcome)
    return { ...shared, ok: false, errorCode: outcome.code, cached: false, outputs: [] };
  const { rows: decoded, cached } = outcome.computed;
  const isClassifier = version.signature.outputs.some(({ role }) => role !== 'value');
  return { ...shared, ok: true, cached, ...sampleOutputs(decoded, isClassifier) };
}
