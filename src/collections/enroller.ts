import { randomUUIDv7 } from 'node:crypto';
import type { Audit, Origin } from '../accounts/audit.ts';
import type { CollectionRecord, CollectionTable } from '../db/collections.ts';
import type { FaceRecord, FaceTable, NewFace } from '../db/faces.ts';
import type { PersonRecord, PersonTable } from '../db/persons.ts';
import type { Within } from '../db/tables.ts';
import { FoveaError } from '../errors.ts';
import type { Embedder } from '../faces/active-suite.ts';
import type { FaceAnalyzer } from '../faces/face-analyzer.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { RejectedImage } from '../protocol/collection.ts';
import type { Face } from '../protocol/face.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import { chooseFaces, type FaceChoice } from '../vision/choose-faces.ts';
import { sniffFormat } from '../vision/sniff.ts';
import { noCollection } from './collections.ts';
import { noPerson, type CollectionPlace } from './people.ts';
import { checkCurrent, vectorSetOf } from './vector-set.ts';

/** A picture to enrol from: one that just came, or one that is kept already (`imageId`). */
export interface EnrolPicture {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly source: 'upload' | 'url';
  readonly sourceUrl: string | null;
  readonly imageId: string | null;
  /** Of the kept image. */
  readonly imageOwnerId: string | null;
}

export interface EnrolRequest {
  readonly place: CollectionPlace;
  /** Somebody who is there, or somebody new. */
  readonly person: { readonly id: string } | Pick<PersonRecord, 'name' | 'metadata'>;
  readonly pictures: readonly EnrolPicture[];
  /** Without it an image with several faces is rejected. */
  readonly choice: Exclude<FaceChoice, 'all'> | undefined;
  /** In spite of the quality. */
  readonly force: boolean;
}

export interface Enrolled {
  readonly person: PersonRecord;
  readonly faces: readonly FaceRecord[];
  readonly rejected: readonly RejectedImage[];
  readonly embedder: Embedder;
}

export interface EnrollerOptions {
  readonly collections: CollectionTable;
  readonly persons: PersonTable;
  readonly faces: FaceTable;
  readonly audit: Audit;
  readonly index: VectorIndex;
  readonly analyzer: FaceAnalyzer;
  readonly library: ImageLibrary;
}

/** A face that is good enough, and the picture it is in. */
interface Accepted {
  readonly picture: EnrolPicture;
  readonly width: number;
  readonly height: number;
  readonly face: Face & { readonly embedding: readonly number[] };
  readonly forced: boolean;
}

type Verdict = Accepted | RejectedImage;

/** Takes faces of persons into a collection. */
export class Enroller {
  readonly #options: EnrollerOptions;

  constructor(options: EnrollerOptions) {
    this.#options = options;
  }

  /**
   * Enrols a face from every picture that is good enough, and says what the others lack. Images are kept for as long as a
   * face of theirs is enrolled.
   * @throws FoveaError COLLECTION_NOT_FOUND, PERSON_NOT_FOUND, EMBEDDING_MODEL_MISMATCH; FACE_NOT_FOUND or FACE_REJECTED
   *   when no picture is good enough; what `FaceAnalyzer.analyze` throws
   */
  async enrol(request: EnrolRequest, origin: Origin, signal?: AbortSignal): Promise<Enrolled> {
    const { place, person, pictures } = request;
    const { collections, persons, index } = this.#options;
    const collection = await collections.get(place.id, place.owner);
    if (!collection) throw noCollection(place.id);
    if ('id' in person && !(await persons.get(place.id, person.id))) throw noPerson(person.id);
    const embedder = embedderOf(this.#options.analyzer);
    checkCurrent(collection, embedder);
    const verdicts = await Promise.all(
      pictures.map(async (picture, at) => this.#judge(picture, at, request, signal)),
    );
    const accepted = verdicts.filter((verdict): verdict is Accepted => 'face' in verdict);
    const rejected = verdicts.filter((verdict): verdict is RejectedImage => 'reasons' in verdict);
    if (accepted.length === 0) throw nothingGoodEnough(rejected);
    const imageIds = await Promise.all(
      accepted.map(async (each) => this.#keep(each, collection.ownerId)),
    );
    const { enrolled, now } = await collections.transaction(async (within) =>
      this.#write(request, embedder, { accepted, imageIds, origin, within }),
    );
    const set = vectorSetOf(now);
    if (set) await index.refresh(set);
    return { ...enrolled, rejected, embedder };
  }

  async #judge(
    picture: EnrolPicture,
    index: number,
    { choice, force }: EnrolRequest,
    signal: AbortSignal | undefined,
  ): Promise<Verdict> {
    const found = await this.#options.analyzer.analyze(picture, ['embedding'], { signal });
    const { faces, width, height } = found;
    if (choice === undefined && faces.length > 1)
      return { index, reasons: ['several_faces'], faces: faces.length };
    const [face] = chooseFaces(faces, choice ?? 'largest', found);
    if (!face) return { index, reasons: ['no_face'], faces: faces.length };
    const { reasons } = face.quality;
    if (reasons.length > 0 && !force) return { index, reasons: [...reasons], faces: faces.length };
    const { embedding } = face;
    if (!embedding)
      throw new FoveaError(
        'MODEL_UNAVAILABLE',
        `The detector of ${found.suite} gives no landmarks by which faces could be aligned; use another pack.`,
        { suite: found.suite },
      );
    return { picture, width, height, face: { ...face, embedding }, forced: reasons.length > 0 };
  }

  /** The image belongs to whom the collection does, whoever sends it. */
  async #keep({ picture, width, height }: Accepted, ownerId: string | null): Promise<string> {
    const { bytes, sha256, source, sourceUrl, imageId, imageOwnerId } = picture;
    if (imageId !== null && imageOwnerId === ownerId) return imageId;
    const format = sniffFormat(bytes);
    if (!format) throw new Error('an image that was decoded has a format');
    const image = { ownerId, sha256, format, width, height, byteSize: bytes.length };
    const record = await this.#options.library.keep(
      { ...image, source, sourceUrl, enrolledOnly: true },
      bytes,
    );
    return record.id;
  }

  async #write(
    { place, person }: EnrolRequest,
    embedder: Embedder,
    {
      accepted,
      imageIds,
      origin,
      within,
    }: {
      readonly accepted: readonly Accepted[];
      readonly imageIds: readonly string[];
      readonly origin: Origin;
      readonly within: Within;
    },
  ): Promise<{ enrolled: Pick<Enrolled, 'person' | 'faces'>; now: CollectionRecord }> {
    const { collections, persons, faces, audit } = this.#options;
    const collection = await collections.lock(place.id, place.owner, within);
    if (!collection) throw noCollection(place.id);
    checkCurrent(collection, embedder);
    const personId = 'id' in person ? person.id : randomUUIDv7();
    if (!('id' in person))
      await persons.insert({ ...person, id: personId, collectionId: place.id }, within);
    if (collection.model?.digest !== embedder.digest)
      await collections.setModel(place.id, embedder, null, within);
    const more = { persons: 'id' in person ? 0 : 1, faces: accepted.length };
    const revision = await collections.bump(place.id, more, within);
    const rows = accepted.map((each, index) =>
      rowOf(each, {
        collectionId: place.id,
        personId,
        imageId: imageIds[index] ?? null,
        modelDigest: embedder.digest,
      }),
    );
    const there = await persons.get(place.id, personId, within);
    if (!there) throw noPerson(personId);
    const inserted = await faces.insert(rows, revision, within);
    await audit.append(
      origin,
      {
        action: 'person.enrol',
        target: personId,
        details: { collection_id: place.id, faces: rows.length },
      },
      within,
    );
    const shown = await persons.get(place.id, personId, within);
    const now = await collections.lock(place.id, place.owner, within);
    if (!shown || !now) throw noPerson(personId);
    return { enrolled: { person: shown, faces: inserted }, now };
  }
}

/** @throws FoveaError MODEL_UNAVAILABLE when the models in use do not tell faces apart. */
export function embedderOf(analyzer: Pick<FaceAnalyzer, 'suite'>): Embedder {
  const { embedder, name } = analyzer.suite();
  if (embedder) return embedder;
  throw new FoveaError(
    'MODEL_UNAVAILABLE',
    `No model of ${name} tells faces apart; use a pack with a recogniser.`,
    { suite: name, part: 'embedding' },
  );
}

function rowOf(
  { face, forced }: Accepted,
  of: Pick<NewFace, 'collectionId' | 'personId' | 'imageId' | 'modelDigest'>,
): NewFace {
  const { box, score, quality, embedding, embedding_norm: embeddingNorm = null } = face;
  return {
    ...of,
    id: randomUUIDv7(),
    box,
    score,
    quality,
    forced,
    embedding: Float32Array.from(embedding),
    embeddingNorm,
  };
}

function nothingGoodEnough(rejected: readonly RejectedImage[]): FoveaError {
  if (rejected.every(({ reasons }) => reasons.includes('no_face')))
    return new FoveaError('FACE_NOT_FOUND', 'There is no face to enrol in the images.', {
      found: Math.max(0, ...rejected.map(({ faces }) => faces)),
      images: rejected,
    });
  const reasons = [...new Set(rejected.flatMap((image) => image.reasons))];
  const several = reasons.includes('several_faces')
    ? ' Say which of several faces is meant with `face`.'
    : '';
  return new FoveaError(
    'FACE_REJECTED',
    `No image is good enough to enrol from: ${reasons.join(', ')}.${several} \`force\` enrols in spite of the quality.`,
    { images: rejected },
  );
}
