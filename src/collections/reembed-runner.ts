import type { CollectionRecord, CollectionTable } from '../db/collections.ts';
import type { FaceTable, FaceVector, StaleFace } from '../db/faces.ts';
import type { ReembedJobRecord, ReembedJobTable } from '../db/reembed-jobs.ts';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { EmbeddedFace, FaceAnalyzer } from '../faces/face-analyzer.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { Box } from '../protocol/image.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import { iou } from '../vision/nms.ts';

import { embedderOf } from './enroller.ts';
import { vectorSetOf } from './vector-set.ts';

export interface ReembedRunnerOptions {
  readonly collections: CollectionTable;
  readonly faces: FaceTable;
  readonly jobs: ReembedJobTable;
  readonly analyzer: FaceAnalyzer;
  readonly library: ImageLibrary;
  readonly index: VectorIndex;
  /** A defect ended a job. */
  readonly onDefect: (jobId: string, error: Error) => void;
}

/** Faces between two notes of how far the job is: what is done twice after a crash. */
const batch = 16;
/** Faces at a time: requests of people go before. */
const atOnce = 2;
/** Overlap from which the face that another detector finds is the one that was enrolled. */
const sameFace = 0.3;
/** They concern one image, not the server; its face is counted as failed. */
const ofOneImage = /^(IMAGE_|FACE_NOT_FOUND)/;

/** Runs the jobs of `Reembedding`. A run that is interrupted goes on where the last note was made. */
export class ReembedRunner {
  readonly #options: ReembedRunnerOptions;

  constructor(options: ReembedRunnerOptions) {
    this.#options = options;
  }

  /** Rejects with what may pass (no capacity, no database), so that the queue runs it again. */
  async run(id: string, signal: AbortSignal): Promise<void> {
    const { jobs, onDefect } = this.#options;
    const job = await jobs.claim(id);
    if (!job) return;
    try {
      await this.#embedAll(job, signal);
    } catch (thrown) {
      const error = toFoveaError(thrown);
      if (signal.aborted || error.retryable) throw error;
      if (error.code === 'INTERNAL') onDefect(id, error);
      await jobs.finish(id, 'failed', { code: error.code, message: error.message });
    }
  }

  async #embedAll(job: ReembedJobRecord, signal: AbortSignal): Promise<void> {
    const { faces, collections, jobs, index } = this.#options;
    for (let { position } = job; ;) {
      signal.throwIfAborted();
      const collection = await this.#collection(job);
      const stale = await faces.stale(job.collectionId, job.model.digest, position, batch);
      const last = stale.at(-1);
      if (!last) break;
      const vectors = await this.#embed(stale, collection, signal);
      await this.#write(job, stale, vectors);
      position = last.id;
    }
    await collections.transaction(async (within) => {
      await collections.lock(job.collectionId, undefined, within);
      await collections.reembedded(job.collectionId, job.id, within);
      await jobs.finish(job.id, 'done', null, within);
    });
    const now = await collections.get(job.collectionId, undefined);
    const set = now && vectorSetOf(now);
    if (set) await index.refresh(set);
  }

  /** @throws FoveaError EMBEDDING_MODEL_MISMATCH when the job is about another recogniser than the one in use. */
  async #collection({ id, collectionId, model }: ReembedJobRecord): Promise<CollectionRecord> {
    const collection = await this.#options.collections.get(collectionId, undefined);
    const { digest, name } = embedderOf(this.#options.analyzer);
    if (collection?.reembedId === id && digest === model.digest) return collection;
    throw new FoveaError(
      'EMBEDDING_MODEL_MISMATCH',
      digest === model.digest
        ? 'Another job has taken over.'
        : `The job was for ${model.name}, and ${name} is in use now.`,
    );
  }

  /** Per face its new vector; undefined where it cannot be had. */
  async #embed(
    stale: readonly StaleFace[],
    { ownerId }: CollectionRecord,
    signal: AbortSignal,
  ): Promise<(FaceVector | undefined)[]> {
    const vectors: (FaceVector | undefined)[] = [];
    for (let from = 0; from < stale.length; from += atOnce)
      vectors.push(
        ...(await Promise.all(
          stale
            .slice(from, from + atOnce)
            .map(async (face) => this.#embedOne(face, ownerId, signal)),
        )),
      );
    return vectors;
  }

  async #embedOne(
    { imageId, box }: StaleFace,
    ownerId: string | null,
    signal: AbortSignal,
  ): Promise<FaceVector | undefined> {
    if (imageId === null) return undefined;
    const { library, analyzer } = this.#options;
    try {
      const record = await library.find(imageId, { ownerId });
      const bytes = await library.content(record);
      const picture = { bytes, sha256: record.sha256 };
      const { chosen, embedder } = await analyzer.embed(picture, 'all', { signal });
      const face = nearest(chosen, box);
      if (!face) return undefined;
      return {
        modelDigest: embedder.digest,
        embedding: Float32Array.from(face.embedding),
        embeddingNorm: face.embedding_norm ?? null,
      };
    } catch (error) {
      if (error instanceof FoveaError && ofOneImage.test(error.code)) return undefined;
      throw error;
    }
  }

  async #write(
    { id, collectionId }: ReembedJobRecord,
    stale: readonly StaleFace[],
    vectors: readonly (FaceVector | undefined)[],
  ): Promise<void> {
    const { collections, faces, jobs } = this.#options;
    const position = stale.at(-1)?.id ?? '';
    await collections.transaction(async (within) => {
      const revision = await collections.bump(collectionId, {}, within);
      for (const [index, vector] of vectors.entries()) {
        const face = stale[index];
        if (vector && face) await faces.replaceVector(face.id, vector, revision, within);
      }
      const done = vectors.filter((vector) => vector !== undefined).length;
      await jobs.progress(id, { position, done, failed: vectors.length - done }, within);
    });
  }
}

function nearest(faces: readonly EmbeddedFace[], box: Box): EmbeddedFace | undefined {
  const [best] = faces
    .map((face) => ({ face, overlap: iou(face.box, box) }))
    .toSorted((a, b) => b.overlap - a.overlap);
  return best && best.overlap >= sameFace ? best.face : undefined;
}
