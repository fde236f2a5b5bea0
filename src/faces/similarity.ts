/** The cosine of two embeddings of length 1, -1 (opposite) to 1 (the same). @throws RangeError for different sizes */
export function similarity(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length)
    throw new RangeError(
      `An embedding of ${a.length} values and one of ${b.length} do not compare.`,
    );
  const dot = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return Math.min(1, Math.max(-1, dot));
}
