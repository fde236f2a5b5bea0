import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { TaskName, Tasks } from './tasks.ts';

/** The whole conversation between the server and a worker process. `id` correlates a job with its one answer. */

/** A model as a worker loads it: what it is and where its files are. */
export interface ModelSpec {
  readonly manifest: ModelManifest;
  /** Folder that holds the manifest's files. */
  readonly directory: string;
  /** SHA-256 over the files' digests. */
  readonly digest: string;
  /** Of several models for one task, the one with the lowest rank serves it. */
  readonly rank?: number;
}

export interface JobMessage<T extends TaskName = TaskName> {
  readonly type: 'job';
  readonly id: number;
  readonly task: T;
  readonly input: Tasks[T]['input'];
}

export type ToWorker =
  | { readonly type: 'load'; readonly model: ModelSpec }
  | JobMessage
  | { readonly type: 'cancel'; readonly id: number };

/** An error in a form that crosses the boundary. `cause` is for the log only. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly cause?: string;
}

/** Answer to `load`. `loadMs` includes the warm-up runs. */
export interface ModelMessage {
  readonly type: 'model';
  readonly name: string;
  readonly loadMs: number;
  readonly failure?: Failure;
}

/** Answer to `job`, with the worker's resident memory in bytes and the processor time that it had used, some milliseconds ago at most. */
export type AnswerMessage = {
  readonly id: number;
  readonly rss: number;
  readonly cpuSeconds: number;
} & (
  | { readonly type: 'result'; readonly output: Tasks[TaskName]['output'] }
  | { readonly type: 'failure'; readonly failure: Failure }
);

export type FromWorker = { readonly type: 'online' } | ModelMessage | AnswerMessage;
