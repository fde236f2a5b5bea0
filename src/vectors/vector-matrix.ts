import { ByteRows } from './byte-rows.ts';
import { PersonRanking } from './person-ranking.ts';
import { uuidAt } from './uuid-at.ts';
import type { Neighbour, SearchBounds, VectorBlock } from './vector-index.ts';

/** Bytes of vectors in one piece of memory: what is removed gives memory back piece by piece. */
const pieceBytes = 8 * 1024 * 1024;
const idWords = 4;

interface Piece {
  readonly vectors: Float32Array<ArrayBuffer>;
  /** Four words per row. */
  readonly faces: Uint32Array<ArrayBuffer>;
  readonly persons: Uint32Array<ArrayBuffer>;
  /** Since it was full for the first time: fewer vectors are compared as fast as they are coded. */
  codes?: ByteRows;
}

/** Vectors of length 1 in rows, without gaps, and whose they are. */
export class VectorMatrix {
  readonly #dimensions: number;
  readonly #rowsPerPiece: number;
  readonly #pieces: Piece[] = [];
  #rows = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#rowsPerPiece = Math.max(1, Math.floor(pieceBytes / (dimensions * 4)));
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#pieces.reduce(
      (sum, { vectors, faces, persons, codes }) =>
        sum + vectors.byteLength + faces.byteLength + persons.byteLength + (codes?.bytes ?? 0),
      0,
    );
  }

  /** Adds rows; of faces that are there already, the rows are replaced. `fresh`: surely none is. */
  put({ faceIds, personIds, vectors }: VectorBlock, fresh = false): void {
    const [faces, persons] = [wordsOf(faceIds), wordsOf(personIds)];
    const count = faces.length / idWords;
    const known = fresh ? new Map<number, number>() : this.#find(faces);
    for (let index = 0; index < count; index++) {
      const at = index * idWords;
      const row = known.get(index) ?? this.#append();
      const { piece, slot } = this.#at(row);
      piece.faces.set(faces.subarray(at, at + idWords), slot * idWords);
      piece.persons.set(persons.subarray(at, at + idWords), slot * idWords);
      const from = index * this.#dimensions;
      const vector = vectors.subarray(from, from + this.#dimensions);
      piece.vectors.set(vector, slot * this.#dimensions);
      if (piece.codes) piece.codes.set(slot, vector);
      else if (slot === this.#rowsPerPiece - 1) piece.codes = this.#coded(piece);
    }
  }

  /** Removes the rows of these faces, 16 bytes each; their numbers are overwritten. */
  remove(faceIds: Uint8Array<ArrayBuffer>): void {
    // From the end, so that the row that fills a gap is never one that is to go as well.
    const rows = [...this.#find(wordsOf(faceIds)).values()].toSorted((a, b) => b - a);
    for (const row of rows) this.#fill(row);
  }

  /** Per query, row after row in `queries`, the nearest persons. */
  search(queries: Float32Array, { most, least }: SearchBounds): Neighbour[][] {
    const count = queries.length / this.#dimensions;
    const same = (a: number, b: number): boolean => this.#samePerson(a, b);
    const rankings = Array.from({ length: count }, () => new PersonRanking(most, least, same));
    for (const [number, piece] of this.#pieces.entries()) {
      const first = number * this.#rowsPerPiece;
      const rows = Math.min(this.#rowsPerPiece, this.#rows - first);
      for (const [index, ranking] of rankings.entries()) {
        const from = index * this.#dimensions;
        const query = queries.subarray(from, from + this.#dimensions);
        const look = (slot: number): void => {
          const score = cosine(piece.vectors, slot, query);
          if (score > ranking.floor) ranking.offer(first + slot, score);
        };
        if (piece.codes) piece.codes.near(query, rows, () => ranking.floor, look);
        else for (let slot = 0; slot < rows; slot++) look(slot);
      }
    }
    return rankings.map(({ best }) =>
      best.map(({ row, score }) => {
        const { piece, slot } = this.#at(row);
        return {
          personId: idAt(piece.persons, slot),
          faceId: idAt(piece.faces, slot),
          similarity: Math.min(1, Math.max(-1, score)),
        };
      }),
    );
  }

  /** Rows of faces, by their place among those that are asked for. */
  #find(faces: Uint32Array): Map<number, number> {
    const wanted = new Map<string, number>();
    const firstWords = new Set<number>();
    for (let index = 0; index * idWords < faces.length; index++) {
      wanted.set(idAt(faces, index), index);
      firstWords.add(lastWord(faces, index));
    }
    const found = new Map<number, number>();
    for (let row = 0; row < this.#rows; row++) {
      const { piece, slot } = this.#at(row);
      if (!firstWords.has(lastWord(piece.faces, slot))) continue;
      const index = wanted.get(idAt(piece.faces, slot));
      if (index !== undefined) found.set(index, row);
    }
    return found;
  }

  #coded({ vectors }: Piece): ByteRows {
    const codes = new ByteRows(this.#dimensions, this.#rowsPerPiece);
    for (let slot = 0; slot < this.#rowsPerPiece; slot++) {
      const from = slot * this.#dimensions;
      codes.set(slot, vectors.subarray(from, from + this.#dimensions));
    }
    return codes;
  }

  #append(): number {
    if (this.#rows === this.#pieces.length * this.#rowsPerPiece)
      this.#pieces.push({
        vectors: new Float32Array(this.#rowsPerPiece * this.#dimensions),
        faces: new Uint32Array(this.#rowsPerPiece * idWords),
        persons: new Uint32Array(this.#rowsPerPiece * idWords),
      });
    return this.#rows++;
  }

  /** Puts the last row in the place of this one, and wipes it there. */
  #fill(row: number): void {
    const from = this.#at(--this.#rows);
    const to = this.#at(row);
    const move = (of: 'vectors' | 'faces' | 'persons', width: number): void => {
      const source = from.piece[of].subarray(from.slot * width, (from.slot + 1) * width);
      to.piece[of].set(source, to.slot * width);
      source.fill(0);
    };
    const vector = from.slot * this.#dimensions;
    to.piece.codes?.set(to.slot, from.piece.vectors.subarray(vector, vector + this.#dimensions));
    from.piece.codes?.wipe(from.slot);
    move('vectors', this.#dimensions);
    move('faces', idWords);
    move('persons', idWords);
    if (this.#rows <= (this.#pieces.length - 1) * this.#rowsPerPiece) this.#pieces.pop();
  }

  #at(row: number): { piece: Piece; slot: number } {
    const piece = this.#pieces[Math.floor(row / this.#rowsPerPiece)];
    if (!piece) throw new RangeError(`There is no row ${row} of ${this.#rows}.`);
    return { piece, slot: row % this.#rowsPerPiece };
  }

  #samePerson(a: number, b: number): boolean {
    const [one, other] = [this.#at(a), this.#at(b)];
    for (let word = idWords - 1; word >= 0; word--)
      if (
        one.piece.persons[one.slot * idWords + word] !==
        other.piece.persons[other.slot * idWords + word]
      )
        return false;
    return true;
  }
}

/** Four sums at a time: one alone would wait for itself. */
function cosine(vectors: Float32Array, row: number, query: Float32Array): number {
  const size = query.length;
  const even = size - (size % 4);
  const at = row * size;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    a += (vectors[at + i] ?? 0) * (query[i] ?? 0);
    b += (vectors[at + i + 1] ?? 0) * (query[i + 1] ?? 0);
    c += (vectors[at + i + 2] ?? 0) * (query[i + 2] ?? 0);
    d += (vectors[at + i + 3] ?? 0) * (query[i + 3] ?? 0);
  }
  for (let i = even; i < size; i++) a += (vectors[at + i] ?? 0) * (query[i] ?? 0);
  return a + b + c + d;
}

function wordsOf(ids: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(ids).buffer);
}

/** The end of a UUID is random in versions 4 and 7. */
function lastWord(ids: Uint32Array, slot: number): number {
  return ids[slot * idWords + idWords - 1] ?? 0;
}

function idAt(ids: Uint32Array, slot: number): string {
  return uuidAt(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength), slot * 16);
}
