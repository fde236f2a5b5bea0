import type { Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Dense } from '../graph/values.ts';

/** Products that one transformer may make. */
const maxProducts = 200_000;

/** Multisets (or sets) of features in the order of itertools, by degree. */
function products(model: Fitted, width: number): number[][] {
  const [low, high] = degrees(model);
  const distinct = model.flag('interaction_only');
  const found: number[][] = model.flag('include_bias', true) ? [[]] : [];
  let level: number[][] = [[]];
  for (let degree = 1; degree <= high; degree += 1) {
    level = level.flatMap((product) => {
      const last = product.at(-1);
      const from = last === undefined ? 0 : distinct ? last + 1 : last;
      return Array.from({ length: Math.max(width - from, 0) }, (_, i) => [...product, from + i]);
    });
    if (found.length + level.length > maxProducts)
      throw model.refusal(`it makes more than ${maxProducts} products`);
    if (degree >= Math.max(low, 1)) for (const product of level) found.push(product);
  }
  return found;
}

function degrees(model: Fitted): readonly [number, number] {
  const found = model.vector('degree');
  const [low, high] = found.length === 2 ? [found[0] ?? 0, found[1] ?? 0] : [0, found[0] ?? 2];
  if (!(Number.isInteger(high) && high >= 0 && high <= 20))
    throw model.refusal(`its degree is ${high}`);
  return [low, high];
}

/** `sklearn/preprocessing/_polynomial.py`: factors are gathered, a column of ones standing for none. */
export const polynomialFeatures: Compiler = {
  transform({ e }, model, x): Dense {
    const all = products(model, x.width);
    const highest = Math.max(1, ...all.map((product) => product.length));
    const ones = e.perRow(x.name, [1]);
    const padded = e.concat([x.name, ones]);
    const factors = Array.from({ length: highest }, (_, i) =>
      e.columns(
        padded,
        all.map((product) => product[i] ?? x.width),
      ),
    );
    return {
      kind: 'dense',
      name: factors.reduce((product, factor) => e.mul(product, factor)),
      width: all.length,
    };
  },
};
