/** Change of `y` with one unit of `x`, and how far from it the truth may be. */
export interface Trend {
  readonly slope: number;
  /** Half of the interval that holds the slope with 95 % confidence. */
  readonly margin: number;
}

/** Neighbouring samples of memory are alike, and would make the interval look narrower than it is: their means are less so. */
const blocks = 20;
/** Student's t for 95 % with `blocks` - 2 degrees of freedom. */
const t95 = 2.101;

/** Least squares over the means of twenty equal parts. Not a number for fewer points than that. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const size = points.length / blocks;
  if (size < 1) return { slope: Number.NaN, margin: Number.NaN };
  const means = Array.from({ length: blocks }, (_, block) => {
    const part = points.slice(Math.floor(block * size), Math.floor((block + 1) * size));
    return [mean(part.map(([x]) => x)), mean(part.map(([, y]) => y))] as const;
  });
  const [meanX, meanY] = [mean(means.map(([x]) => x)), mean(means.map(([, y]) => y))];
  const spread = sum(means.map(([x]) => (x - meanX) ** 2));
  const slope = sum(means.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const unexplained = sum(means.map(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2));
  return { slope, margin: t95 * Math.sqrt(unexplained / (blocks - 2) / spread) };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
