/** A row of a job's file: named texts of a CSV line in their order, or a value of JSON. */
export type InputRow =
  | { readonly kind: 'text'; readonly cells: Readonly<Record<string, string>> }
  | { readonly kind: 'json'; readonly value: unknown };

/** What became of one row. */
export type RowOutcome =
  | {
      readonly ok: true;
      readonly prediction: unknown;
      readonly confidence?: number;
      readonly probabilities?: Readonly<
        Record<string, number | null | Readonly<Record<string, number | null>>>
      >;
      /** What a decision function says, of models without probabilities. */
      readonly scores?: unknown;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

export const unanswered: RowOutcome = {
  ok: false,
  code: 'INTERNAL',
  message: 'The model gave no answer for this row.',
};

/** What a batch job predicts with. */
export interface JobTarget {
  readonly modelId: string;
  /** A version number or alias; the default one unless given. */
  readonly reference: string | undefined;
  readonly ownerId: string | null;
  /** Whether others' models are visible, too. */
  readonly seesAll: boolean;
}

/** A version of a model, ready for rows. */
export interface OpenedModel {
  readonly version: number;
  /** Whether outcomes have `scores`. */
  readonly givesScores: boolean;
  /**
   * One outcome per row, in order. Rejects when all rows failed for a reason that is not theirs: a
   * retryable FoveaError (QUEUE_FULL, WORKER_LOST, …) is tried again later, another one ends the job.
   */
  readonly predict: (
    rows: readonly InputRow[],
    signal: AbortSignal,
  ) => Promise<readonly RowOutcome[]>;
}

/** All that batch jobs know of models. */
export interface RowPredictor {
  /** @throws FoveaError MODEL_NOT_FOUND and what else keeps the model from predicting. */
  open(target: JobTarget): Promise<OpenedModel>;
}
