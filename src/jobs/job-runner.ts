import type { PredictionJob, PredictionJobTable } from '../db/prediction-jobs.ts';
import { FoveaError, toFoveaError } from '../errors.ts';
import { openCsv } from './csv-file.ts';
import type { JobFiles } from './job-files.ts';
import { openNdjson } from './ndjson-file.ts';
import { predictPatiently, type Patience } from './patient-prediction.ts';
import { ResultWriter } from './result-writer.ts';
import type { ReadRow } from './row-format.ts';
import {
  unanswered,
  type OpenedModel,
  type RowOutcome,
  type RowPredictor,
} from './row-predictor.ts';

export interface JobRunnerOptions {
  readonly table: PredictionJobTable;
  readonly files: JobFiles;
  readonly predictor: RowPredictor;
  /** Told of defects; the client gets a fixed message. */
  readonly onDefect: (jobId: string, error: unknown) => void;
  readonly patience?: Patience;
  readonly checkpointEveryMs?: number;
}

/** Rows predicted at a time: few, so that interactive predictions get in between. */
const chunkRows = 64;
/** A job that a process does not survive is given up after so many attempts without a checkpoint. */
const mostFruitlessAttempts = 5;

/**
 * Runs batch jobs, each from its last checkpoint to the end of its file:
 *
 *     queued --claim--> running --end of file--> done
 *                         |  `--interrupted--> (claimed again, with the next attempt)
 *                         |--reason not of a row--> failed
 *                         `--cancel--> cancelled
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Resolves when the job is over or not ours any more; rejects when it was interrupted and must go on. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const { table } = this.#options;
    const job = await table.claim(id);
    if (job === undefined) return;
    try {
      if (job.attemptsWithoutProgress > mostFruitlessAttempts) throw tooOften();
      const finished = await this.#work(job, signal);
      if (finished) await table.finish(id, job.attempt, 'done', null);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FoveaError && error.code === 'DATABASE_UNAVAILABLE') throw error;
      const { code, message } = toFoveaError(error);
      if (code === 'INTERNAL') this.#options.onDefect(id, error);
      await table.finish(id, job.attempt, 'failed', { code, message });
    }
  }

  /** Resolves with false when the job was taken away. */
  async #work(job: PredictionJob, signal: AbortSignal): Promise<boolean> {
    const { table, files, predictor, checkpointEveryMs = 500 } = this.#options;
    const { modelId, version, ownerId } = job;
    const reference = version === null ? undefined : String(version);
    // Whoever made the job was allowed to use the model.
    const model = await predictor.open({ modelId, reference, ownerId, seesAll: true });
    const file =
      job.format === 'csv'
        ? await openCsv(files.inputOf(job.id), model.givesScores, signal)
        : openNdjson(files.inputOf(job.id));
    const writer = await ResultWriter.open(job, { table, files, everyMs: checkpointEveryMs });
    try {
      if (job.rowsDone === 0 && job.inputOffset === 0) writer.begin(file.heading);
      for await (const chunk of chunksOf(file.rows(job.inputOffset, signal))) {
        const outcomes = await this.#predict(model, chunk, signal);
        const lines = chunk.map((read, at) => file.line(read, outcomes[at] ?? unanswered));
        const failed = outcomes.filter(({ ok }) => !ok).length;
        const end = chunk.at(-1)?.end ?? job.inputOffset;
        if (!(await writer.append(lines, failed, end))) return false;
      }
      return await writer.checkpoint();
    } finally {
      await writer.close();
    }
  }

  /** Rows that could not be read have their outcome already; the model sees the others. */
  async #predict(
    model: OpenedModel,
    chunk: readonly ReadRow[],
    signal: AbortSignal,
  ): Promise<RowOutcome[]> {
    const rows = chunk.flatMap(({ row }) => row ?? []);
    const { patience } = this.#options;
    const found = rows.length === 0 ? [] : await predictPatiently(model, rows, signal, patience);
    let next = 0;
    return chunk.map(({ row, mistake }) => {
      if (row !== undefined) return found[next++] ?? unanswered;
      return { ok: false, code: 'JOB_INPUT_INVALID', message: mistake ?? 'The row is malformed.' };
    });
  }
}

async function* chunksOf(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let chunk: ReadRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < chunkRows) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function tooOften(): FoveaError {
  const message = `The job was interrupted ${mostFruitlessAttempts} times without getting on; it is given up.`;
  return new FoveaError('WORKER_LOST', message);
}
