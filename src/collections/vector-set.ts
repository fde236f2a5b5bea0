import type { CollectionRecord } from '../db/collections.ts';
import { FoveaError } from '../errors.ts';
import type { Embedder } from '../faces/active-suite.ts';
import type { VectorSet } from '../vectors/vector-index.ts';

/** The vectors of a collection as they are now; undefined where there have been none. */
export function vectorSetOf({
  id,
  model,
  revision,
  forgottenRevision,
}: CollectionRecord): VectorSet | undefined {
  return (
    (model && { id, digest: model.digest, dimensions: model.size, revision, forgottenRevision }) ??
    undefined
  );
}

/** Whether vectors of the recogniser in use may join, and be compared with, those of the collection. */
export function isCurrent(collection: CollectionRecord, digest: string | undefined): boolean {
  if (collection.faceCount === 0 || collection.model === null) return true;
  return collection.reembedId === null && collection.model.digest === digest;
}

/** @throws FoveaError EMBEDDING_MODEL_MISMATCH. */
export function checkCurrent(collection: CollectionRecord, embedder: Embedder): void {
  if (isCurrent(collection, embedder.digest)) return;
  const { id, model, reembedId } = collection;
  const anew =
    reembedId !== null && model?.digest === embedder.digest
      ? `They are being made anew; \`GET /api/v1/collections/${id}/reembed\` says how far that is.`
      : `Make them anew with \`POST /api/v1/collections/${id}/reembed\`, or use the models that made them.`;
  throw new FoveaError(
    'EMBEDDING_MODEL_MISMATCH',
    `Faces of this collection do not compare with those of ${embedder.name}, the recogniser in use. ${anew}`,
    {
      collection_model: model?.name ?? null,
      collection_digest: model?.digest ?? null,
      current_model: embedder.name,
      current_digest: embedder.digest,
      reembed_id: reembedId,
    },
  );
}
