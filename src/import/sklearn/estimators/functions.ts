import { PyGlobal, PyObject } from '../records.ts';
import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Emitter, Name } from '../graph/emitter.ts';
import type { Dense, Value } from '../graph/values.ts';

/** numpy's functions that are known by name; none of them is ever looked up or called. */
const functions: Readonly<Record<string, (e: Emitter, x: Name) => Name>> = {
  log1p: (e, x) => e.op('Log', [e.add(x, e.scalar(1))]),
  expm1: (e, x) => e.sub(e.op('Exp', [x]), e.scalar(1)),
  log: (e, x) => e.op('Log', [x]),
  log2: (e, x) => e.div(e.op('Log', [x]), e.scalar(Math.LN2)),
  log10: (e, x) => e.div(e.op('Log', [x]), e.scalar(Math.LN10)),
  exp: (e, x) => e.op('Exp', [x]),
  sqrt: (e, x) => e.op('Sqrt', [x]),
  square: (e, x) => e.mul(x, x),
  absolute: (e, x) => e.op('Abs', [x]),
  fabs: (e, x) => e.op('Abs', [x]),
  negative: (e, x) => e.neg(x),
  reciprocal: (e, x) => e.op('Reciprocal', [x]),
  sign: (e, x) => e.op('Sign', [x]),
  sin: (e, x) => e.op('Sin', [x]),
  cos: (e, x) => e.op('Cos', [x]),
  tanh: (e, x) => e.op('Tanh', [x]),
};

/** The function of an attribute; undefined for None, which leaves the value as it is. */
export function knownFunction(
  model: Fitted,
  attribute: string,
): ((e: Emitter, x: Name) => Name) | undefined {
  if (!model.has(attribute)) return undefined;
  const value = model.raw(attribute);
  const name =
    value instanceof PyGlobal && value.module.startsWith('numpy') ? value.name : ufuncName(value);
  const found = name !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found) return found;
  const said = value instanceof PyGlobal ? value.qualifiedName : 'an object';
  throw model.refusal(
    `its ${attribute} is ${said}, and functions are not run`,
    `use one of numpy's ${Object.keys(functions).join(', ')}, or do this step before sending rows`,
  );
}

/** Some versions of numpy store a ufunc as a call that names it. */
function ufuncName(value: unknown): string | undefined {
  if (!(value instanceof PyObject) || value.name !== '_ufunc_reconstruct') return undefined;
  const [, name] = value.args;
  return typeof name === 'string' ? name : undefined;
}

export const functionTransformer: Compiler = {
  readsAny: true,
  missing: 'passes',
  transform(c: Compilation, model, _x, raw): Value {
    const found = knownFunction(model, 'func');
    if (!found) return raw;
    if (model.has('kw_args') && model.dictSize('kw_args') > 0)
      throw model.refusal('kw_args are not supported');
    const x = c.dense(raw, model);
    const result: Dense = { ...x, name: found(c.e, x.name) };
    return result;
  },
};
