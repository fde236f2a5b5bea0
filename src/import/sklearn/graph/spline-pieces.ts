/** Polynomials in x - origin, constant term first: one per spline. */
export interface Piece {
  readonly origin: number;
  readonly polynomials: readonly (readonly number[])[];
}

interface Coefficients {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * Sums of B-splines as polynomials, one piece per interval between the inner knots: the recursion of
 * Cox and de Boor, carried out on polynomials (C. de Boor, A Practical Guide to Splines, ch. IX).
 */
export function pieces(knots: Float64Array, coefficients: Coefficients, degree: number): Piece[] {
  const found: Piece[] = [];
  for (let l = degree; l < knots.length - degree - 1; l += 1) {
    const bases = basesOn(knots, degree, l);
    const polynomials = Array.from({ length: coefficients.columns }, (_, spline) => {
      const sum = Array.from({ length: degree + 1 }, () => 0);
      bases.forEach((basis, i) => {
        const factor = coefficients.data[(l - degree + i) * coefficients.columns + spline] ?? 0;
        basis.forEach((v, power) => (sum[power] = (sum[power] ?? 0) + factor * v));
      });
      return sum;
    });
    found.push({ origin: knots[l] ?? 0, polynomials });
  }
  return found;
}

/** The degree + 1 bases that are not zero between knots l and l + 1, as polynomials in x - knot l. */
function basesOn(knots: Float64Array, degree: number, l: number): number[][] {
  const knot = (i: number) => knots[i] ?? 0;
  const origin = knot(l);
  let level: number[][] = [[1]];
  for (let p = 1; p <= degree; p += 1) {
    const next = Array.from({ length: p + 1 }, () => Array.from({ length: p + 1 }, () => 0));
    level.forEach((basis, j) => {
      // Basis j of the level below is number i there; it feeds numbers i - 1 and i of this level.
      const i = l - p + 1 + j;
      const width = knot(i + p) - knot(i);
      if (width === 0) return;
      const rising = next[j + 1] ?? [];
      const falling = next[j] ?? [];
      basis.forEach((v, power) => {
        rising[power] = (rising[power] ?? 0) + (v * (origin - knot(i))) / width;
        rising[power + 1] = (rising[power + 1] ?? 0) + v / width;
        falling[power] = (falling[power] ?? 0) + (v * (knot(i + p) - origin)) / width;
        falling[power + 1] = (falling[power + 1] ?? 0) - v / width;
      });
    });
    level = next;
  }
  return level;
}
