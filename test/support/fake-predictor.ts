import { setTimeout as sleep } from 'node:timers/promises';
import { FoveaError } from '../../src/errors.ts';
import type { InputRow, RowOutcome, RowPredictor } from '../../src/jobs/row-predictor.ts';

export interface FakePredictorOptions {
  /** Milliseconds for each call. */
  readonly delayMs?: number;
  /** The first calls are refused. */
  readonly refusals?: number;
  readonly onCall?: (rows: readonly InputRow[]) => void;
}

/** Predicts the sum of a row's numbers; a row with the value "bad" fails. */
export function fakePredictor(options: FakePredictorOptions = {}): RowPredictor {
  let refusals = options.refusals ?? 0;
  return {
    open: async ({ reference }) => {
      await Promise.resolve();
      return {
        version: reference === undefined ? 3 : Number(reference),
        givesScores: false,
        predict: async (rows, signal) => {
          if (refusals-- > 0) throw new FoveaError('QUEUE_FULL', 'busy for the test');
          options.onCall?.(rows);
          if (options.delayMs !== undefined) await sleep(options.delayMs, undefined, { signal });
          return rows.map(outcomeOf);
        },
      };
    },
  };
}

function outcomeOf(row: InputRow): RowOutcome {
  const values: unknown[] =
    row.kind === 'text' ? Object.values(row.cells) : Object.values(row.value ?? {});
  if (values.includes('bad'))
    return {
      ok: false,
      code: 'REQUEST_INVALID',
      message: 'The value is "bad", a number is needed.',
    };
  const sum = values.reduce<number>((total, value) => total + (Number(value) || 0), 0);
  return { ok: true, prediction: sum, confidence: 0.5 };
}
