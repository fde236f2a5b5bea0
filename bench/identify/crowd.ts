/** How the faces of a crowd lie to each other. */
export type CrowdKind = 'strangers' | 'lookalikes';

export const crowdKinds: readonly CrowdKind[] = ['strangers', 'lookalikes'];

export const dimensions = 512;
/** Lookalikes differ in few ways only: directions in which they are spread. */
const latent = 24;
/** Cosine of a query with the face that it is a copy of. */
export const closeness = { strangers: 0.6, lookalikes: 0.8 } as const;

/** Vectors of length 1 from a seed, each made when it is asked for and always the same. */
export class Crowd {
  readonly kind: CrowdKind;
  readonly #directions: Float32Array;

  constructor(kind: CrowdKind) {
    this.kind = kind;
    const random = randomOf(0xabcd);
    this.#directions = Float32Array.from({ length: latent * dimensions }, random);
  }

  face(number: number): Float32Array<ArrayBuffer> {
    return this.#vector(randomOf(number * 2));
  }

  /** The face with noise: turned by a fixed angle towards another one of the crowd. */
  query(number: number): Float32Array<ArrayBuffer> {
    const face = this.face(number);
    const other = this.#vector(randomOf(number * 2 + 1));
    const common = product(face, other);
    const noise = unit(other.map((value, at) => value - common * (face[at] ?? 0)));
    const cosine = closeness[this.kind];
    const sine = Math.sqrt(1 - cosine ** 2);
    return unit(face.map((value, at) => cosine * value + sine * (noise[at] ?? 0)));
  }

  #vector(random: () => number): Float32Array<ArrayBuffer> {
    const vector = new Float32Array(dimensions);
    if (this.kind === 'strangers') {
      for (let at = 0; at < dimensions; at++) vector[at] = random() + random();
      return unit(vector);
    }
    for (let way = 0; way < latent; way++) {
      const amount = random() + random() + random();
      const from = way * dimensions;
      for (let at = 0; at < dimensions; at++)
        vector[at] = (vector[at] ?? 0) + amount * (this.#directions[from + at] ?? 0);
    }
    return unit(vector);
  }
}

/** Marsaglia's xorshift, -1 to 1, from a number that was stirred first. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) ^ 0x5bd1_e995 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 0x8000_0000;
  };
  for (let each = 0; each < 4; each++) next();
  return next;
}

function unit(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const length = Math.sqrt(product(vector, vector));
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] ?? 0) / length;
  return vector;
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
