import { randomUUIDv7 } from 'node:crypto';
import type { Audit, Origin } from '../accounts/audit.ts';
import type {
  CollectionEdit,
  CollectionRecord,
  CollectionTable,
  NewCollection,
} from '../db/collections.ts';
import type { FaceTable } from '../db/faces.ts';
import type { OwnerScope } from '../db/owner-id.ts';
import type { Page, PageRequest } from '../db/page.ts';
import { FoveaError } from '../errors.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import type { ImageForgetter } from './image-forgetter.ts';

export interface CollectionsOptions {
  readonly table: CollectionTable;
  readonly faces: FaceTable;
  readonly audit: Audit;
  readonly index: VectorIndex;
  readonly images: ImageForgetter;
}

/** Collections of people. Another's is not found. Throws DATABASE_UNAVAILABLE where the database is needed. */
export class Collections {
  readonly #options: CollectionsOptions;

  constructor(options: CollectionsOptions) {
    this.#options = options;
  }

  /** @throws FoveaError COLLECTION_NAME_TAKEN. */
  async create(wish: Omit<NewCollection, 'id'>, origin: Origin): Promise<CollectionRecord> {
    const { table, audit } = this.#options;
    return await table.transaction(async (within) => {
      const made = await table.insert({ ...wish, id: randomUUIDv7() }, within);
      if (!made) throw taken(wish.name);
      await audit.append(origin, { action: 'collection.create', target: made.id }, within);
      return made;
    });
  }

  /** @throws FoveaError COLLECTION_NOT_FOUND. */
  async find(id: string, owner: OwnerScope): Promise<CollectionRecord> {
    const found = await this.#options.table.get(id, owner);
    if (!found) throw noCollection(id);
    return found;
  }

  async list(owner: OwnerScope, page: PageRequest): Promise<Page<CollectionRecord>> {
    return await this.#options.table.list(owner, page);
  }

  /** @throws FoveaError COLLECTION_NOT_FOUND, COLLECTION_NAME_TAKEN. */
  async edit(
    id: string,
    owner: OwnerScope,
    change: CollectionEdit,
    origin: Origin,
  ): Promise<CollectionRecord> {
    const { table, audit } = this.#options;
    return await table.transaction(async (within) => {
      const found = await table.lock(id, owner, within);
      if (!found) throw noCollection(id);
      const edited = await table.edit(found, change, within);
      if (!edited) throw taken(change.name ?? '');
      await audit.append(origin, { action: 'collection.edit', target: id }, within);
      return edited;
    });
  }

  /** With everybody in it, their vectors, and the images that were sent only to enrol them. */
  async remove(id: string, owner: OwnerScope, origin: Origin): Promise<void> {
    const { table, faces, audit, index, images } = this.#options;
    const imageIds = await table.transaction(async (within) => {
      const found = await table.lock(id, owner, within);
      if (!found) throw noCollection(id);
      const gone = await faces.gone(id, {}, within);
      await table.remove(id, within);
      await audit.append(
        origin,
        { action: 'collection.delete', target: id, details: { persons: found.personCount } },
        within,
      );
      return gone.imageIds;
    });
    await index.drop(id);
    await images.forget(imageIds);
  }
}

export function noCollection(id: string): FoveaError {
  return new FoveaError('COLLECTION_NOT_FOUND', `There is no collection ${id} of yours.`, {
    collection_id: id,
  });
}

function taken(name: string): FoveaError {
  return new FoveaError(
    'COLLECTION_NAME_TAKEN',
    `There is a collection ${JSON.stringify(name)} already; use another name.`,
    { name },
  );
}
