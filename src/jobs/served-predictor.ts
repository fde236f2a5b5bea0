import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { refuseArchived } from '../models/model-errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { PredictService } from '../predict/predict-service.ts';
import type { Prediction } from '../protocol/prediction.ts';
import {
  unanswered,
  type OpenedModel,
  type RowOutcome,
  type RowPredictor,
} from './row-predictor.ts';
import { rowReader } from './row-values.ts';

const mistakesOf = z.object({
  mistakes: z.array(z.object({ row: z.int(), column: z.unknown(), message: z.string() })).min(1),
});

/** Batch jobs on the models that users uploaded. */
export function servedPredictor(library: ModelLibrary, service: PredictService): RowPredictor {
  return {
    open: async ({ modelId, reference, ownerId, seesAll }) => {
      const found = await library.find(modelId, { ownerId, seesAll }, reference);
      const { model, version } = found;
      refuseArchived(model, version);
      const read = rowReader(version.signature);
      const ask = async (inputs: readonly unknown[], signal: AbortSignal): Promise<Prediction> => {
        // A job asks for each row once: its results would only push others out of the cache.
        const query = { modelId, version: String(version.version), inputs, cache: false };
        return (await service.predict(query, { ownerId, seesAll, signal })).answer;
      };
      const predict: OpenedModel['predict'] = async (rows, signal) =>
        await predictEach(rows.map(read), (inputs) => ask(inputs, signal));
      const givesScores = version.signature.outputs.some(({ role }) => role === 'scores');
      return { version: version.version, givesScores, predict };
    },
  };
}

type Ask = (inputs: readonly unknown[]) => Promise<Prediction>;

/**
 * One request refuses all of its rows for the fault of one. So rows that are named as mistaken are
 * set aside and the others asked again, and where no row is named, halves find it.
 */
async function predictEach(rows: readonly unknown[], ask: Ask): Promise<RowOutcome[]> {
  try {
    return outcomes(await ask(rows), rows.length);
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    if (error.code === 'PREDICT_INPUT_INVALID') return await withoutMistaken(rows, ask, error);
    if (error.code !== 'PREDICT_FAILED') throw error;
    if (rows.length === 1) return [{ ok: false, code: error.code, message: error.message }];
    return await inHalves(rows, ask);
  }
}

async function withoutMistaken(
  rows: readonly unknown[],
  ask: Ask,
  error: FoveaError,
): Promise<RowOutcome[]> {
  const { data } = mistakesOf.safeParse(error.details);
  const named = new Map<number, RowOutcome>();
  for (const { row, column, message } of data?.mistakes ?? []) {
    const where = column === null ? '' : `Column ${JSON.stringify(column)}: `;
    if (!named.has(row))
      named.set(row, { ok: false, code: error.code, message: `${where}${message}.` });
  }
  if (named.size === 0)
    return rows.length === 1
      ? [{ ok: false, code: error.code, message: error.message }]
      : await inHalves(rows, ask);
  const others = rows.filter((_, at) => !named.has(at));
  const found = others.length === 0 ? [] : await predictEach(others, ask);
  let next = 0;
  return rows.map((_, at) => named.get(at) ?? found[next++] ?? unanswered);
}

async function inHalves(rows: readonly unknown[], ask: Ask): Promise<RowOutcome[]> {
  const middle = rows.length >> 1;
  const first = await predictEach(rows.slice(0, middle), ask);
  return [...first, ...(await predictEach(rows.slice(middle), ask))];
}

function outcomes(answer: Prediction, count: number): RowOutcome[] {
  const { predictions, probabilities, confidence, scores } = answer;
  return Array.from({ length: count }, (_, row) => {
    const [sure, classes] = [confidence?.[row], probabilities?.[row]];
    return {
      ok: true,
      prediction: predictions[row],
      ...(sure === undefined ? {} : { confidence: sure }),
      ...(classes === undefined ? {} : { probabilities: classes }),
      ...(scores === undefined ? {} : { scores: scores[row] }),
    };
  });
}
