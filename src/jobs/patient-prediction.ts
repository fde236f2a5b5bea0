import { setTimeout as sleep } from 'node:timers/promises';
import { FoveaError } from '../errors.ts';
import type { InputRow, OpenedModel, RowOutcome } from './row-predictor.ts';

export interface Patience {
  /** First pause after a retryable failure; doubled up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Gives up when nothing succeeded for so long. */
  readonly totalMs: number;
}

const defaultPatience: Patience = {
  firstPauseMs: 100,
  longestPauseMs: 5_000,
  totalMs: 600_000,
};

/**
 * Predicts a few rows, and waits when the server has other things to do: interactive predictions
 * fill the queue first. @throws what `predict` throws for good, or last when patience runs out.
 */
export async function predictPatiently(
  model: OpenedModel,
  rows: readonly InputRow[],
  signal: AbortSignal,
  patience: Patience = defaultPatience,
): Promise<readonly RowOutcome[]> {
  const deadline = performance.now() + patience.totalMs;
  for (let pause = patience.firstPauseMs; ; pause = Math.min(pause * 2, patience.longestPauseMs)) {
    signal.throwIfAborted();
    try {
      return await model.predict(rows, signal);
    } catch (error) {
      const again = error instanceof FoveaError && error.retryable;
      if (!again || performance.now() > deadline) throw error;
    }
    await sleep(pause, undefined, { signal });
  }
}
