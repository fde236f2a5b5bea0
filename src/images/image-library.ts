import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ImageListOptions, ImageRecord, ImageTable } from '../db/images.ts';
import type { Page } from '../db/page.ts';
import type { Journal } from '../db/journal.ts';
import { FoveaError } from '../errors.ts';

/** Whose images may be seen: one owner's (null: those of open access), or everybody's. */
export interface ImageViewer {
  readonly ownerId: string | null;
  readonly seesAll?: boolean;
}

/** What is known of an image before it is kept. */
export type NewImage = Omit<ImageRecord, 'id' | 'createdAt' | 'lastUsedAt'>;

export interface LibraryOptions {
  readonly blobs: BlobStore;
  readonly table: ImageTable;
  /** Takes the records while the database is away. */
  readonly journal: Journal<ImageRecord>;
}

const recentImages = 10_000;
const touchLimit = 10_000;
const batch = 200;

/**
 * Images that were kept: bytes by content in the blob store, one record per owner and content in
 * the database. Keeping works without the database: the record waits in the journal.
 */
export class ImageLibrary {
  readonly #options: LibraryOptions;
  readonly #recent = new LRUCache<string, ImageRecord>({ max: recentImages });
  readonly #touched = new Set<string>();

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  /** The same owner and content give the same image again. Durable once resolved. */
  async keep(image: NewImage, bytes: Uint8Array): Promise<ImageRecord> {
    const id = imageId(image.ownerId, image.sha256);
    const known = this.#recent.get(id);
    // Only the database knows whether an image that is enrolled is, by now, kept for other reasons too.
    if (known && !known.enrolledOnly && !image.enrolledOnly) return this.#used(known);
    const now = new Date();
    const record = await this.#store({ ...image, id, createdAt: now, lastUsedAt: now }, bytes);
    this.#recent.set(id, record);
    return record;
  }

  /** @throws FoveaError IMAGE_NOT_FOUND, also for another owner's image; DATABASE_UNAVAILABLE. */
  async find(id: string, { ownerId, seesAll = false }: ImageViewer): Promise<ImageRecord> {
    const record = this.#recent.get(id) ?? (await this.#options.table.get(id));
    if (!record || (record.ownerId !== ownerId && !seesAll)) throw notFound(id);
    this.#recent.set(id, record);
    return this.#used(record);
  }

  /** The encoded file, exactly as it came. @throws FoveaError IMAGE_NOT_FOUND, STORAGE_UNAVAILABLE. */
  async content(record: ImageRecord): Promise<Uint8Array> {
    const bytes = await this.#options.blobs.get(record.sha256);
    if (!bytes) throw notFound(record.id);
    return bytes;
  }

  /**
   * Makes sure that nobody removed the image meanwhile, be it by another server: for answers that need not read it.
   * While nobody can be asked, what this server knows stands.
   * @throws FoveaError IMAGE_NOT_FOUND
   */
  async confirm(record: ImageRecord): Promise<void> {
    const { blobs, table, journal } = this.#options;
    // What is not in the table may wait in the journal; asked first, or it could move between.
    const journaled = journal.size > 0;
    const listed = await table.get(record.id).catch(unknownWhileAway);
    if (listed) return;
    const removed = listed === undefined && !journaled;
    if (!removed && (await blobs.has(record.sha256).catch(unknownWhileAway)) !== false) return;
    this.#recent.delete(record.id);
    throw notFound(record.id);
  }

  async list(
    { ownerId, seesAll = false }: ImageViewer,
    page: Omit<ImageListOptions, 'ownerId'>,
  ): Promise<Page<ImageRecord>> {
    return await this.#options.table.list({ ...page, ...(seesAll ? {} : { ownerId }) });
  }

  /** Removes the record, and the bytes when no other record needs them. */
  async remove(record: ImageRecord): Promise<void> {
    const { blobs, table } = this.#options;
    await this.flush(); // a record that waits in the journal needs its bytes too
    await table.holdingContent(record.sha256, async (within) => {
      await table.remove(record.id, within);
      if ((await table.countBySha256(record.sha256, within)) === 0)
        await blobs.delete(record.sha256);
    });
    this.#recent.delete(record.id);
  }

  /** Removes those that were sent only to enrol faces, none of which is left; returns their hashes. */
  async removeEnrolled(ids: readonly string[]): Promise<string[]> {
    const records = await this.#options.table.enrolledForNothing(ids);
    for (const record of records) await this.remove(record);
    return records.map(({ sha256 }) => sha256);
  }

  /** Writes what waits for the database: journaled records first, then last uses. */
  async flush(): Promise<void> {
    await this.#options.journal.drain(async (records) => {
      for (const record of records) await this.#options.table.upsert(record);
    }, batch);
    const ids = [...this.#touched];
    this.#touched.clear();
    if (ids.length > 0) await this.#options.table.touch(ids);
  }

  /** Removes images not used since `before`; returns how many. */
  async removeUnused(before: Date): Promise<number> {
    const expired = await this.#options.table.expired(before, batch);
    for (const record of expired) await this.remove(record);
    return expired.length;
  }

  async #store(record: ImageRecord, bytes: Uint8Array): Promise<ImageRecord> {
    const { blobs, table, journal } = this.#options;
    await blobs.put(record.sha256, bytes);
    try {
      const kept = await table.upsert(record);
      // A removal that came between took the bytes with the last row; later ones see this row.
      // When the store was lost just now nobody knows, and putting once more is right in any case.
      const there = await blobs.has(record.sha256).catch(() => false);
      if (!there) await blobs.put(record.sha256, bytes);
      return kept;
    } catch (error) {
      if (!(error instanceof FoveaError) || error.code !== 'DATABASE_UNAVAILABLE') throw error;
      await journal.append(record);
      return record;
    }
  }

  #used(record: ImageRecord): ImageRecord {
    if (this.#touched.size < touchLimit) this.#touched.add(record.id);
    return record;
  }
}

/**
 * An image's id follows from its owner and content (a version 8 UUID, RFC 9562 §5.8), so that it
 * can be given out while the database is away and never clashes when the record arrives there.
 */
export function imageId(ownerId: string | null, sha256: string): string {
  const bytes = createHash('sha256')
    .update(`image ${ownerId ?? ''} ${sha256}`)
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Null for what the database or the image store would know. */
function unknownWhileAway(error: unknown): null {
  const { code } = error as Partial<FoveaError>;
  if (code === 'DATABASE_UNAVAILABLE' || code === 'STORAGE_UNAVAILABLE') return null;
  throw error;
}

function notFound(id: string): FoveaError {
  return new FoveaError(
    'IMAGE_NOT_FOUND',
    `There is no image ${id}; it was never kept here, or it has expired. Send the image again.`,
    { image_id: id },
  );
}

/** A record as it comes back from the journal, where dates are text. @throws when it is none. */
export function journaledImage(line: string): ImageRecord {
  const record = JSON.parse(line) as ImageRecord;
  if (imageId(record.ownerId, record.sha256) !== record.id)
    throw new TypeError('the journal holds something that is no image record');
  return {
    ...record,
    createdAt: new Date(record.createdAt),
    lastUsedAt: new Date(record.lastUsedAt),
  };
}
