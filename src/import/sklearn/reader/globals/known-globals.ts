import { sklearnNames } from './sklearn-names.ts';
import { valueNames } from './value-names.ts';
import { recordNames } from './record-names.ts';

/**
 * What a listed name may be used for:
 * - `record`: a class; instances become inert objects that bear its name,
 * - `value`: a function or type that is only ever looked at by name, such as `numpy.log1p`.
 * Names that the reader gives a meaning of its own (`numpy.dtype`) are in `pickle/calls/`.
 */
export type GlobalUse = 'record' | 'value';

const uses = new Map<string, GlobalUse>();
for (const [table, use] of [
  [valueNames, 'value'],
  [recordNames, 'record'],
  [sklearnNames, 'record'],
] as const)
  for (const [module, names] of Object.entries(table))
    for (const name of names.split(' ')) uses.set(globalKey(module, name), use);

/** Exact names only: no prefixes, no dots that would walk from one object to the next. */
export function globalUse(module: string, name: string): GlobalUse | undefined {
  return uses.get(globalKey(module, name));
}

/** No module or name can hold a NUL and be on the list, so that no two pairs share a key. */
export function globalKey(module: string, name: string): string {
  return `${module}\0${name}`;
}

/** Modules that Python or numpy moved as a whole; `Lib/_compat_pickle.py`, numpy 2.0's release notes. */
const moved: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
  ['numpy._core', 'numpy.core'],
  ['numpy._core.multiarray', 'numpy.core.multiarray'],
  ['numpy._core.numeric', 'numpy.core.numeric'],
  ['numpy._core._multiarray_umath', 'numpy.core._multiarray_umath'],
  ['numpy._core._internal', 'numpy.core._internal'],
  ['numpy._core.fromnumeric', 'numpy.core.fromnumeric'],
  ['sklearn.externals.joblib.numpy_pickle', 'joblib.numpy_pickle'],
]);

/** The one name under which the reader knows a module. */
export function canonicalModule(module: string): string {
  return moved.get(module) ?? module;
}
