import { z } from 'zod';
import { JournaledLog, type RecordSink } from '../db/journaled-log.ts';
import type { PredictionLog, PredictionRecord } from './prediction-record.ts';

/** Where predictions end up. */
export type PredictionSink = RecordSink<PredictionRecord>;

/** The prediction log: on the disk before the answer, in the database soon after. */
export class JournaledPredictions extends JournaledLog<PredictionRecord> implements PredictionLog {}

const journaled = z.looseObject({
  id: z.uuidv7(),
  modelId: z.uuid(),
  at: z.coerce.date(),
  rows: z.number(),
  latency: z.looseObject({ totalMs: z.number() }),
});

/** A record as it comes back from the journal, where dates are text. Throws when it is none. */
export function journaledPrediction(value: unknown): PredictionRecord {
  const { at } = journaled.parse(value);
  return { ...(value as PredictionRecord), at };
}
