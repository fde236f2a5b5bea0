import type { CollectionRecord } from '../db/collections.ts';
import type { FaceRecord } from '../db/faces.ts';
import type { PersonRecord } from '../db/persons.ts';
import type { ReembedJobRecord } from '../db/reembed-jobs.ts';
import { isCurrent } from '../collections/vector-set.ts';
import type { Collection, EnrolledFace, Person, ReembedJob } from '../protocol/collection.ts';

/** @param digest of the recogniser in use, when there is one */
export function shownCollection(record: CollectionRecord, digest: string | undefined): Collection {
  const { id, name, description, metadata, threshold, model } = record;
  return {
    id,
    name,
    description,
    metadata: { ...metadata },
    threshold,
    model,
    current: isCurrent(record, digest),
    person_count: record.personCount,
    face_count: record.faceCount,
    reembed_id: record.reembedId,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
  };
}

export function shownPerson(record: PersonRecord): Person {
  const { id, collectionId, name, metadata, faceCount, coverImageId } = record;
  return {
    id,
    collection_id: collectionId,
    name,
    metadata: { ...metadata },
    face_count: faceCount,
    cover_image_id: coverImageId,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
  };
}

/** @param digest of the recogniser of its collection */
export function shownFace(record: FaceRecord, digest: string | undefined): EnrolledFace {
  const { id, personId, imageId, box, score, quality, forced, modelDigest, createdAt } = record;
  return {
    id,
    person_id: personId,
    image_id: imageId,
    box,
    score,
    quality,
    forced,
    model_digest: modelDigest,
    searchable: modelDigest === digest,
    created_at: createdAt.toISOString(),
  };
}

export function shownReembedJob(job: ReembedJobRecord): ReembedJob {
  return {
    id: job.id,
    collection_id: job.collectionId,
    state: job.state,
    model: job.model,
    faces_total: job.facesTotal,
    faces_done: job.facesDone,
    faces_failed: job.facesFailed,
    error: job.error,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
  };
}
