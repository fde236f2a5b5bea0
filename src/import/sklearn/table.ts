import type { Compiler } from './compilation.ts';
import { compilerOf } from './estimators/index.ts';
import type { Fitted } from './fitted/fitted.ts';

/** @throws Refusal for a class that is not covered */
export function compilerFor(model: Fitted): Compiler {
  const { module, name } = model.record;
  const found = compilerOf(module, name);
  if (found) return found;
  const known = /^(?:sklearn|xgboost|lightgbm)\b/.test(module);
  throw model.refusal(
    known ? 'this class is not supported yet' : 'this class is not part of scikit-learn',
  );
}
