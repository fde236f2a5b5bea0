import { readFileSync } from 'node:fs';
import { z } from 'zod';

const photos = ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg'] as const;
const perPhoto = z.record(z.enum(photos), z.array(z.number()));

function fixture(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../fixtures/embeddings/${name}`, import.meta.url), 'utf8'),
  );
}

/** What transformers makes of photos and texts (test/fixtures/embeddings/clip_oracle.py). */
export const golden = z
  .object({
    photos: perPhoto,
    texts: z.array(z.array(z.number())),
    /** Indexes of the texts that were the labels. */
    labels: z.array(z.int()),
    /** Probabilities of the labels. */
    zero_shot: perPhoto,
  })
  .parse(fixture('embeddings.json'));

export const corpus = z.object({ texts: z.array(z.string()) }).parse(fixture('tokens.json')).texts;
export const photoNames = photos;

/** Of vectors of any length. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x = NaN, y = NaN] = [a[at], b[at]];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return product / Math.sqrt(squaresA * squaresB);
}
