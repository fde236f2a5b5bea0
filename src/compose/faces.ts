import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts } from '../accounts/accounts.ts';
import { Collections } from '../collections/collections.ts';
import { Enroller } from '../collections/enroller.ts';
import { Identifier } from '../collections/identifier.ts';
import { ImageForgetter } from '../collections/image-forgetter.ts';
import { People } from '../collections/people.ts';
import { Reembedding } from '../collections/reembedding.ts';
import { ReembedRunner } from '../collections/reembed-runner.ts';
import { vectorSetOf } from '../collections/vector-set.ts';
import type { Inference } from './inference.ts';
import type { Config } from '../config.ts';
import { CollectionTable } from '../db/collections.ts';
import type { Database } from '../db/database.ts';
import { FaceTable } from '../db/faces.ts';
import { FaceVectors } from '../db/face-vectors.ts';
import { JobQueue } from '../db/job-queue.ts';
import { PgvectorIndex } from '../db/pgvector-index.ts';
import { PersonTable } from '../db/persons.ts';
import { ReembedJobTable } from '../db/reembed-jobs.ts';
import { describeCause } from '../errors.ts';
import type { FaceCollections } from '../http/app-deps.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ExactIndex } from '../vectors/exact-index.ts';
import { PreferredIndex } from '../vectors/preferred-index.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';

export interface FaceParts {
  readonly config: Config;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly inference: Pick<Inference, 'faces' | 'analyzer'>;
  readonly library: ImageLibrary;
  /** Whoever shares it can read the same images. */
  readonly storageId: string;
  readonly logger: Logger;
}

/** People known by their faces. */
export interface RunningFaces extends FaceCollections {
  /** To be called when the database is up, also again. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

/** Vectors that went elsewhere leave the memory here within this time, in milliseconds. */
const lookEveryMs = 10_000;
const forgetEveryMs = 3_600_000;
/** A copy of vectors that was not looked at for longer is loaded anew. */
const rememberRemovedMs = 24 * 3_600_000;
const startAgainMs = 5_000;
const stopLimitMs = 8_000;

export function composeFaces(parts: FaceParts): RunningFaces {
  const { database, accounts, inference, library, logger } = parts;
  const { faces: analyzer } = inference;
  const { audit } = accounts;
  const tables = {
    collections: new CollectionTable(database),
    persons: new PersonTable(database),
    faces: new FaceTable(database),
    jobs: new ReembedJobTable(database),
  };
  const index = vectorIndex(parts);
  const images = new ImageForgetter(library, (sha256) => inference.analyzer.wipe(sha256));
  const runner = new ReembedRunner({
    ...tables,
    analyzer,
    library,
    index,
    onDefect: (job, error) =>
      logger.error({ job, cause: describeCause(error) }, 'making vectors anew failed'),
  });
  const queue = new JobQueue({
    database,
    name: `reembed-${parts.storageId}`,
    concurrency: 1,
    run: (id, signal) => runner.run(id, signal),
    onError: (error) => logger.debug({ reason: error.message }, 'job queue of vectors'),
  });
  const house = keepHouse(tables, index);
  return {
    collections: new Collections({
      table: tables.collections,
      faces: tables.faces,
      audit,
      index,
      images,
    }),
    people: new People({ ...tables, audit, index, images }),
    enroller: new Enroller({ ...tables, audit, index, analyzer, library }),
    identifier: new Identifier({ ...tables, index, analyzer }),
    reembedding: new Reembedding({ ...tables, queue, audit, analyzer }),
    storedFaces: tables.faces,
    ...queueLife(queue, logger, async () => {
      house();
      await index.close();
    }),
  };
}

function vectorIndex({ config, database, logger }: FaceParts): VectorIndex {
  const source = new FaceVectors(database);
  const exact = new ExactIndex({ source, memoryBytes: config.FOVEA_VECTOR_MEMORY });
  const wish = config.FOVEA_VECTOR_INDEX;
  if (wish === 'exact') return exact;
  return new PreferredIndex({
    preferred: new PgvectorIndex({ database, source, approximate: wish === 'hnsw' }),
    fallback: exact,
    onFallback: () =>
      logger.warn(
        { setting: 'FOVEA_VECTOR_INDEX', wish },
        'this PostgreSQL does not have pgvector; faces are searched in memory, exactly',
      ),
  });
}

function keepHouse(
  { collections, faces }: { readonly collections: CollectionTable; readonly faces: FaceTable },
  index: VectorIndex,
): () => void {
  const look = async (): Promise<void> => {
    const held = index.held();
    const now = await collections.revisions(held);
    for (const id of held) {
      const record = now.get(id);
      const set = record && vectorSetOf(record);
      await (set ? index.refresh(set) : index.drop(id));
    }
  };
  const forget = async (): Promise<void> =>
    faces.forgetRemoved(new Date(Date.now() - rememberRemovedMs));
  const timers = [
    setInterval(() => void look().catch(() => undefined), lookEveryMs).unref(),
    setInterval(() => void forget().catch(() => undefined), forgetEveryMs).unref(),
  ];
  return () => timers.forEach((timer) => clearInterval(timer));
}

function queueLife(
  queue: JobQueue,
  logger: Logger,
  close: () => Promise<void>,
): Pick<RunningFaces, 'start' | 'stop'> {
  let starting: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  const start = (): void => {
    starting ??= queue.start().catch((error: unknown) => {
      logger.warn(
        { reason: String(error) },
        'the queue of vectors has not started; it is tried again',
      );
      starting = undefined;
      again = setTimeout(start, startAgainMs).unref();
    });
  };
  const stop = async (): Promise<void> => {
    clearTimeout(again);
    await starting;
    await Promise.race([
      queue.stop().catch(() => undefined),
      sleep(stopLimitMs, undefined, { ref: false }),
    ]);
    await close();
  };
  return { start, stop };
}
