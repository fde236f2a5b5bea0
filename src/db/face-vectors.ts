import { sql } from 'kysely';
import type { VectorBlock, VectorSet, VectorSource } from '../vectors/vector-index.ts';
import type { Database } from './database.ts';

interface Row {
  readonly face: Buffer;
  readonly person: Buffer;
  readonly id: string;
  readonly embedding: Buffer;
}

/** Some 2 MB on the wire for 512 values: a few milliseconds of this thread's time. */
const rowsAtOnce = 512;
const mostRemovals = 100_000;

/** The vectors in the table `faces`, for copies of them. Throws what `Database.query` throws. */
export class FaceVectors implements VectorSource {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *blocks(set: VectorSet, after: bigint): AsyncGenerator<VectorBlock> {
    let last: string | null = null;
    for (;;) {
      const rows: readonly Row[] = await this.#page(set, after, last);
      const end = rows.at(-1);
      if (end) yield blockOf(rows, set.dimensions);
      if (!end || rows.length < rowsAtOnce) return;
      last = end.id;
    }
  }

  async removed(setId: string, after: bigint): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { rows } = await this.#database.query((db) =>
      sql<{ face: Buffer }>`select uuid_send(face_id) as face from removed_faces
        where collection_id = ${setId} and revision > ${after.toString()}::bigint
        limit ${mostRemovals + 1}`.execute(db),
    );
    if (rows.length > mostRemovals) return undefined;
    return Uint8Array.from(Buffer.concat(rows.map(({ face }) => face)));
  }

  async #page(set: VectorSet, after: bigint, last: string | null): Promise<readonly Row[]> {
    // Everything is read along one index, what changed along the other; only then is there much to sort.
    const changed = after > 0n ? sql`revision > ${after.toString()}::bigint` : sql`true`;
    const beyond = last === null ? sql`true` : sql`id > ${last}::uuid`;
    const { rows } = await this.#database.query((db) =>
      sql<Row>`select id, uuid_send(id) as face, uuid_send(person_id) as person, embedding from faces
        where collection_id = ${set.id} and model_digest = ${set.digest} and ${changed} and ${beyond}
        order by id limit ${rowsAtOnce}`.execute(db),
    );
    return rows;
  }
}

function blockOf(rows: readonly Row[], dimensions: number): VectorBlock {
  const bytes = new Uint8Array(rows.length * dimensions * 4);
  const faceIds = new Uint8Array(rows.length * 16);
  const personIds = new Uint8Array(rows.length * 16);
  for (const [index, { face, person, embedding }] of rows.entries()) {
    faceIds.set(face, index * 16);
    personIds.set(person, index * 16);
    bytes.set(embedding.subarray(0, dimensions * 4), index * dimensions * 4);
  }
  return { faceIds, personIds, vectors: new Float32Array(bytes.buffer) };
}
