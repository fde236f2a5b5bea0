import { randomUUIDv7 } from 'node:crypto';
import type { Audit, Change, Origin } from '../accounts/audit.ts';
import type { CollectionRecord, CollectionTable } from '../db/collections.ts';
import type { FaceRecord, FaceTable } from '../db/faces.ts';
import type { OwnerScope } from '../db/owner-id.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { PersonEdit, PersonRecord, PersonTable } from '../db/persons.ts';
import type { Within } from '../db/tables.ts';
import { FoveaError } from '../errors.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import { noCollection } from './collections.ts';
import type { ImageForgetter } from './image-forgetter.ts';
import { vectorSetOf } from './vector-set.ts';

export interface PeopleOptions {
  readonly collections: CollectionTable;
  readonly persons: PersonTable;
  readonly faces: FaceTable;
  readonly audit: Audit;
  readonly index: VectorIndex;
  readonly images: ImageForgetter;
}

/** Where a request looks: a collection, and whose it must be. */
export interface CollectionPlace {
  readonly id: string;
  readonly owner: OwnerScope;
}

/**
 * The people of a collection and their faces. What was removed is in no table, index or cache of this server when a removal
 * resolves; other servers drop it from memory with their next look. Throws DATABASE_UNAVAILABLE.
 */
export class People {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  async add(
    place: CollectionPlace,
    wish: Pick<PersonRecord, 'name' | 'metadata'>,
    origin: Origin,
  ): Promise<PersonRecord> {
    const { collections, persons } = this.#options;
    const person = { ...wish, id: randomUUIDv7(), collectionId: place.id };
    const change = { action: 'person.create', target: person.id };
    return await this.#change(place, origin, change, async (within) => {
      const made = await persons.insert(person, within);
      await collections.bump(place.id, { persons: 1 }, within);
      return made;
    });
  }

  /** @throws FoveaError COLLECTION_NOT_FOUND, PERSON_NOT_FOUND. */
  async find({ id, owner }: CollectionPlace, personId: string): Promise<PersonRecord> {
    if (!(await this.#options.collections.get(id, owner))) throw noCollection(id);
    return await this.#person(id, personId);
  }

  async list(
    { id, owner }: CollectionPlace,
    page: PageRequest & { readonly name?: string | undefined },
  ): Promise<Page<PersonRecord>> {
    if (!(await this.#options.collections.get(id, owner))) throw noCollection(id);
    return await this.#options.persons.list(id, page);
  }

  /** The person's faces, newest first, and the collection they are in. */
  async faces(
    { id, owner }: CollectionPlace,
    personId: string,
    page: PageRequest,
  ): Promise<{ collection: CollectionRecord; page: Page<FaceRecord> }> {
    const { collections, faces } = this.#options;
    const collection = await collections.get(id, owner);
    if (!collection) throw noCollection(id);
    await this.#person(id, personId);
    return { collection, page: await faces.list(personId, page) };
  }

  async edit(
    place: CollectionPlace,
    personId: string,
    edit: PersonEdit,
    origin: Origin,
  ): Promise<PersonRecord> {
    const change = { action: 'person.edit', target: personId };
    return await this.#change(place, origin, change, async (within) => {
      await this.#person(place.id, personId, within);
      await this.#options.persons.edit(personId, edit, within);
      return await this.#person(place.id, personId, within);
    });
  }

  /** Makes several persons one: all of their faces, or nothing. @throws FoveaError PERSON_NOT_FOUND for any of them. */
  async merge(
    place: CollectionPlace,
    into: string,
    from: readonly string[],
    origin: Origin,
  ): Promise<PersonRecord> {
    const { collections, persons, faces } = this.#options;
    const others = [...new Set(from)].filter((id) => id !== into);
    const change = { action: 'person.merge', target: into, details: { from: others } };
    const merged = await this.#change(place, origin, change, async (within) => {
      for (const id of [into, ...others]) await this.#person(place.id, id, within);
      if (others.length > 0) {
        const revision = await collections.bump(place.id, { persons: -others.length }, within);
        await faces.move(others, into, revision, within);
        await persons.remove(place.id, others, within);
        await persons.edit(into, {}, within);
      }
      return await this.#person(place.id, into, within);
    });
    await this.#refresh(place.id);
    return merged;
  }

  /** With all faces, vectors, and images that were sent only to enrol them. */
  async remove(place: CollectionPlace, personId: string, origin: Origin): Promise<void> {
    const { collections, persons, faces } = this.#options;
    const change = { action: 'person.delete', target: personId };
    const imageIds = await this.#change(place, origin, change, async (within) => {
      await this.#person(place.id, personId, within);
      const gone = await faces.gone(place.id, { personIds: [personId] }, within);
      const less = { persons: -1, faces: -gone.ids.length };
      const revision = await collections.bump(place.id, less, within);
      await faces.remove(place.id, gone.ids, revision, within);
      await persons.remove(place.id, [personId], within);
      return gone.imageIds;
    });
    await this.#forget(place.id, imageIds);
  }

  /** @throws FoveaError ENROLLED_FACE_NOT_FOUND. */
  async removeFace(
    place: CollectionPlace,
    personId: string,
    faceId: string,
    origin: Origin,
  ): Promise<void> {
    const { collections, faces } = this.#options;
    const change = { action: 'face.delete', target: faceId, details: { person_id: personId } };
    const imageIds = await this.#change(place, origin, change, async (within) => {
      await this.#person(place.id, personId, within);
      const gone = await faces.gone(place.id, { personIds: [personId], faceId }, within);
      if (gone.ids.length === 0) throw noFace(faceId);
      const revision = await collections.bump(place.id, { faces: -1 }, within);
      await faces.remove(place.id, gone.ids, revision, within);
      return gone.imageIds;
    });
    await this.#forget(place.id, imageIds);
  }

  async #change<T>(
    { id, owner }: CollectionPlace,
    origin: Origin,
    change: Change,
    work: (within: Within) => Promise<T>,
  ): Promise<T> {
    const { collections, audit } = this.#options;
    return await collections.transaction(async (within) => {
      if (!(await collections.lock(id, owner, within))) throw noCollection(id);
      const done = await work(within);
      const details = { ...change.details, collection_id: id };
      await audit.append(origin, { ...change, details }, within);
      return done;
    });
  }

  async #person(collectionId: string, id: string, within?: Within): Promise<PersonRecord> {
    const found = await this.#options.persons.get(collectionId, id, within);
    if (!found) throw noPerson(id);
    return found;
  }

  async #forget(collectionId: string, imageIds: readonly string[]): Promise<void> {
    await this.#refresh(collectionId);
    await this.#options.images.forget(imageIds);
  }

  async #refresh(collectionId: string): Promise<void> {
    const { collections, index } = this.#options;
    const now = await collections.get(collectionId, undefined);
    const set = now && vectorSetOf(now);
    if (set) await index.refresh(set);
    else await index.drop(collectionId);
  }
}

export function noPerson(id: string): FoveaError {
  return new FoveaError('PERSON_NOT_FOUND', `There is no person ${id} in the collection.`, {
    person_id: id,
  });
}

export function noFace(id: string): FoveaError {
  return new FoveaError('ENROLLED_FACE_NOT_FOUND', `There is no enrolled face ${id}.`, {
    face_id: id,
  });
}
