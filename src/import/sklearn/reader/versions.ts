import { PyObject } from '../records.ts';
import type { PyValue } from '../records.ts';
import { visit } from './visit.ts';

/** The distinct `_sklearn_version` of all estimators (`BaseEstimator.__getstate__`), in the order of the file. */
export function sklearnVersions(root: PyValue): string[] {
  const versions = new Set<string>();
  visit(root, (value) => {
    const version =
      value instanceof PyObject ? value.attributes.get('_sklearn_version') : undefined;
    if (typeof version === 'string') versions.add(version.slice(0, 40));
  });
  return [...versions];
}
