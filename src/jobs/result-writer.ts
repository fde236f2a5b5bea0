import type { FileHandle } from 'node:fs/promises';
import type { PredictionJob, PredictionJobTable } from '../db/prediction-jobs.ts';
import type { JobFiles } from './job-files.ts';

export interface ResultWriterOptions {
  readonly table: PredictionJobTable;
  readonly files: JobFiles;
  /** Least time between checkpoints; a kill repeats at most so much work. */
  readonly everyMs: number;
}

/**
 * Writes the part of one attempt. A checkpoint first brings the part to the disk, then says in one
 * row how far input and result are: what comes after it never counts.
 */
export class ResultWriter {
  readonly #job: PredictionJob;
  readonly #options: ResultWriterOptions;
  readonly #file: FileHandle;
  readonly #started = performance.now();
  #checkpointAt = performance.now();
  #partBytes = 0;
  #inputOffset: number;
  #rowsDone: number;
  #rowsFailed: number;
  #heading = '';

  private constructor(job: PredictionJob, options: ResultWriterOptions, file: FileHandle) {
    this.#job = job;
    this.#options = options;
    this.#file = file;
    this.#inputOffset = job.inputOffset;
    this.#rowsDone = job.rowsDone;
    this.#rowsFailed = job.rowsFailed;
  }

  static async open(job: PredictionJob, options: ResultWriterOptions): Promise<ResultWriter> {
    return new ResultWriter(job, options, await options.files.createPart(job.id, job.attempt));
  }

  /** What stands before the first row. */
  begin(heading: string): void {
    this.#heading = heading;
  }

  /** Adds rows that end at the byte `inputOffset`. Resolves with false when the job is not ours any more. */
  async append(lines: readonly string[], failed: number, inputOffset: number): Promise<boolean> {
    await this.#write(this.#heading + lines.join(''));
    this.#heading = '';
    this.#rowsDone += lines.length;
    this.#rowsFailed += failed;
    this.#inputOffset = inputOffset;
    if (performance.now() - this.#checkpointAt < this.#options.everyMs) return true;
    return await this.checkpoint();
  }

  async checkpoint(): Promise<boolean> {
    if (this.#heading !== '') await this.#write(this.#heading);
    this.#heading = '';
    await this.#file.datasync();
    this.#checkpointAt = performance.now();
    return await this.#options.table.checkpoint(this.#job.id, this.#job.attempt, {
      inputOffset: this.#inputOffset,
      partBytes: this.#partBytes,
      rowsDone: this.#rowsDone,
      rowsFailed: this.#rowsFailed,
      runningMs: Math.round(this.#job.runningMs + performance.now() - this.#started),
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#file.writeFile(bytes);
    this.#partBytes += bytes.length;
  }
}
