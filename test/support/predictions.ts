import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/db/database.ts';
import { PredictionPartitions } from '../../src/db/prediction-partitions.ts';
import { PredictionTable, type PredictionText } from '../../src/db/predictions.ts';
import type { StoredPrediction } from '../../src/db/stored-prediction.ts';
import type { PredictionRecord } from '../../src/predict/prediction-record.ts';

/** A UUIDv7 of a chosen millisecond. */
function uuidAt(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  const random = randomBytes(9).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

export const someModel = '6f1d9a52-58c4-4c1c-9a53-000000000001';

/** An ordinary prediction at a chosen time. */
export function predictionAt(at: Date, changes: Partial<PredictionRecord> = {}): PredictionRecord {
  return {
    id: uuidAt(at),
    modelId: someModel,
    version: 1,
    ownerId: null,
    at,
    ok: true,
    rows: 1,
    cached: false,
    latency: { queueMs: 0.1, loadMs: 0, inferenceMs: 1, totalMs: 1.5 },
    inputs: [[1, 2.5, 'red']],
    features: ['age', 'height', 'colour'],
    outputs: ['yes'],
    confidence: [0.9],
    predictedClasses: { yes: 1 },
    ...changes,
  };
}

/** Predictions as the table takes them. */
export function textsOf(predictions: readonly StoredPrediction[]): PredictionText[] {
  return predictions.map((prediction) => ({
    id: prediction.id,
    text: JSON.stringify(prediction),
  }));
}

export function predictionTable(database: Database): PredictionTable {
  return new PredictionTable(database, new PredictionPartitions(database));
}

/** Numbers that are the same in every run: mulberry32, 0 to 1. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Normally distributed, mean 0 and deviation 1 (Box-Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
