/** A label and how well it fits a picture. */
export interface LabelScore {
  readonly label: string;
  /** Probability among the labels. */
  readonly score: number;
  /** Cosine of picture and label, -1 to 1. */
  readonly similarity: number;
}

/**
 * CLIP's zero-shot classification: softmax over the scaled cosines. Best first.
 * @param image of length 1
 * @param labels with embeddings of length 1
 * @param scale what a cosine is multiplied with, exp of the model's `logit_scale`
 */
export function labelScores(
  image: Float32Array,
  labels: readonly { readonly label: string; readonly embedding: Float32Array }[],
  scale: number,
): LabelScore[] {
  const found = labels.map(({ label, embedding }) => ({
    label,
    similarity: dot(image, embedding),
  }));
  const best = found.reduce((most, { similarity }) => Math.max(most, similarity), -1);
  const parts = found.map(({ similarity }) => Math.exp(scale * (similarity - best)));
  const sum = parts.reduce((total, part) => total + part, 0);
  return found
    .map((each, index) => ({ ...each, score: (parts[index] ?? 0) / sum }))
    .sort((a, b) => b.score - a.score);
}

/** The mean of embeddings of one thing in several wordings, brought to length 1. */
export function meanEmbedding(embeddings: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = embeddings;
  if (embeddings.length === 1) return first;
  const sum = first.map((_, at) =>
    embeddings.reduce((total, embedding) => total + (embedding[at] ?? 0), 0),
  );
  const length = Math.sqrt(dot(sum, sum));
  return length > 0 ? sum.map((value) => value / length) : first;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
