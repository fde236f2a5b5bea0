/**
 * Class probabilities of pairwise ones, row by row: libsvm's `multiclass_probability` (svm.cpp), the
 * second method of Wu, Lin and Weng (2004), with its early stop. The same numbers as the loop inside
 * of the graph, at a hundredth of its cost for one row.
 * @param pairwise [rows, k (k - 1) / 2]: the probability of class i against j, pairs in the order (0,1), (0,2)…
 * @returns [rows, k]
 */
export function coupleProbabilities(pairwise: Float64Array, k: number): Float64Array {
  const pairs = (k * (k - 1)) / 2;
  const rows = pairwise.length / pairs;
  const out = new Float64Array(rows * k);
  for (let row = 0; row < rows; row += 1)
    coupleRow(
      pairwise.subarray(row * pairs, (row + 1) * pairs),
      out.subarray(row * k, (row + 1) * k),
    );
  return out;
}

function coupleRow(pairwise: Float64Array, p: Float64Array): void {
  const k = p.length;
  const q = quadraticForm(pairwise, k);
  const product = new Float64Array(k);
  p.fill(1 / k);
  for (let turn = 0; turn < Math.max(100, k); turn += 1) {
    let whole = 0;
    for (let t = 0; t < k; t += 1) {
      let sum = 0;
      for (let j = 0; j < k; j += 1) sum += (q[t * k + j] ?? 0) * (p[j] ?? 0);
      product[t] = sum;
      whole += sum * (p[t] ?? 0);
    }
    if (product.every((value) => Math.abs(value - whole) < 0.005 / k)) return;
    for (let t = 0; t < k; t += 1) whole = move(q, p, product, whole, t);
  }
}

/** Brings coordinate t to its best, and everything back to a sum of 1. Gives the new pᵀQ p. */
function move(
  q: Float64Array,
  p: Float64Array,
  product: Float64Array,
  whole: number,
  t: number,
): number {
  const k = p.length;
  const own = q[t * k + t] ?? 1;
  const before = product[t] ?? 0;
  const delta = (whole - before) / own;
  p[t] = (p[t] ?? 0) + delta;
  const scale = 1 + delta;
  for (let j = 0; j < k; j += 1) {
    product[j] = ((product[j] ?? 0) + delta * (q[t * k + j] ?? 0)) / scale;
    p[j] = (p[j] ?? 0) / scale;
  }
  return (whole + delta * (delta * own + 2 * before)) / scale / scale;
}

function quadraticForm(pairwise: Float64Array, k: number): Float64Array {
  const q = new Float64Array(k * k);
  let at = 0;
  for (let i = 0; i < k; i += 1)
    for (let j = i + 1; j < k; j += 1) {
      const r = pairwise[at] ?? 0;
      const other = 1 - r;
      q[j * k + j] = (q[j * k + j] ?? 0) + r * r;
      q[i * k + i] = (q[i * k + i] ?? 0) + other * other;
      q[i * k + j] = -other * r;
      q[j * k + i] = -other * r;
      at += 1;
    }
  return q;
}
