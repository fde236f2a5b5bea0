import { JournaledLog, type RecordSink } from '../db/journaled-log.ts';
import type { PredictionText } from '../db/predictions.ts';
import type { PredictionLog, PredictionRecord } from './prediction-record.ts';

/** Where predictions end up. */
export type PredictionSink = RecordSink<PredictionText>;

/** The prediction log: on the disk before the answer, in the database soon after. */
export class JournaledPredictions
  extends JournaledLog<PredictionText, PredictionRecord>
  implements PredictionLog {}

const line = /^\{"id":"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})",.*\}$/;

/**
 * A record as it comes back from the journal. Its JSON is left to the database, which refuses what is none. Throws when
 * it cannot be a record.
 */
export function journaledPrediction(text: string): PredictionText {
  const [, id] = line.exec(text) ?? [];
  if (id === undefined) throw new TypeError('the journal holds something that is no prediction');
  return { id, text };
}
