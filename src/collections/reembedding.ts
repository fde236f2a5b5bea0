import { randomUUIDv7 } from 'node:crypto';
import type { Audit, Origin } from '../accounts/audit.ts';
import type { CollectionTable } from '../db/collections.ts';
import type { FaceTable } from '../db/faces.ts';
import type { JobQueue } from '../db/job-queue.ts';
import type { ReembedJobRecord, ReembedJobTable } from '../db/reembed-jobs.ts';
import { FoveaError } from '../errors.ts';
import type { FaceAnalyzer } from '../faces/face-analyzer.ts';
import { noCollection } from './collections.ts';
import { embedderOf } from './enroller.ts';
import type { CollectionPlace } from './people.ts';

export interface ReembeddingOptions {
  readonly collections: CollectionTable;
  readonly faces: FaceTable;
  readonly jobs: ReembedJobTable;
  readonly queue: JobQueue;
  readonly audit: Audit;
  readonly analyzer: FaceAnalyzer;
}

/** Makes the vectors of a collection anew, by the recogniser in use, from the images that were kept. */
export class Reembedding {
  readonly #options: ReembeddingOptions;

  constructor(options: ReembeddingOptions) {
    this.#options = options;
  }

  /** Begins a job; one that was under way for another recogniser ends. Until it is done nobody is identified. */
  async start({ id, owner }: CollectionPlace, origin: Origin): Promise<ReembedJobRecord> {
    const { collections, faces, jobs, queue, audit, analyzer } = this.#options;
    const embedder = embedderOf(analyzer);
    if (!queue.running)
      throw new FoveaError('DATABASE_UNAVAILABLE', 'The job queue waits for the database.', {
        retry_after_seconds: 2,
      });
    const job = await collections.transaction(async (within) => {
      const collection = await collections.lock(id, owner, within);
      if (!collection) throw noCollection(id);
      const facesTotal = await faces.countStale(id, embedder.digest, within);
      const made = { id: randomUUIDv7(), collectionId: id, model: embedder, facesTotal };
      const record = await jobs.insert(made, within);
      await collections.setModel(id, embedder, record.id, within);
      await collections.bump(id, {}, within);
      await queue.enqueue(record.id, within);
      await audit.append(
        origin,
        { action: 'collection.reembed', target: id, details: { model: embedder.name } },
        within,
      );
      return record;
    });
    queue.nudge();
    return job;
  }

  /** The newest job. @throws FoveaError COLLECTION_NOT_FOUND, JOB_NOT_FOUND. */
  async find({ id, owner }: CollectionPlace): Promise<ReembedJobRecord> {
    if (!(await this.#options.collections.get(id, owner))) throw noCollection(id);
    const job = await this.#options.jobs.newest(id);
    if (job) return job;
    throw new FoveaError('JOB_NOT_FOUND', 'The vectors of this collection were never made anew.', {
      collection_id: id,
    });
  }
}
