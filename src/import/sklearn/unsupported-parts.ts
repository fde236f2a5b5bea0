import { compilerOf } from './estimators/index.ts';
import { NdArray, PyDict, PyObject } from './records.ts';
import type { PyValue } from './records.ts';
import { defaultAdvice } from './refusal.ts';
import type { Problem } from './refusal.ts';

const maxDepth = 12;
const maxProblems = 100;
/** Parts that belong to one estimator, which reads them itself. */
const helpers = new Set(['LabelEncoder', 'LabelBinarizer', 'KernelCenterer', 'Tree', 'BSpline']);

/**
 * Fitted estimators of a class that is not covered, wherever they sit. A compilation stops at the first
 * of a chain; this finds the others, so that all are told at once.
 */
export function unsupportedParts(root: PyObject, place: string): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<PyObject>();
  const look = (object: PyObject, at: string, depth: number): void => {
    if (seen.has(object) || depth > maxDepth || problems.length >= maxProblems) return;
    seen.add(object);
    if (!object.attributes.has('_sklearn_version') || helpers.has(object.name)) return;
    if (compilerOf(object.module, object.name) === undefined) {
      const reason = 'this class is not supported';
      problems.push({ class: object.cls.qualifiedName, place: at, reason, advice: defaultAdvice });
      return;
    }
    for (const [name, value] of object.attributes)
      if (isFittedPart(name))
        for (const part of objectsIn(value, 3)) look(part, `${at} → ${name}`, depth + 1);
  };
  look(root, place, 0);
  return problems;
}

/** Other parameters are templates, which were cloned and fitted elsewhere. */
function isFittedPart(name: string): boolean {
  return (
    name === 'steps' || name === 'transformer_list' || (name.endsWith('_') && !name.startsWith('_'))
  );
}

function objectsIn(value: PyValue, levels: number): PyObject[] {
  if (value instanceof PyObject) return [value];
  if (levels === 0 || value === null || typeof value !== 'object' || value instanceof PyDict)
    return [];
  if (value instanceof NdArray)
    return value.objects
      ? value
          .values()
          .slice(0, 1000)
          .flatMap((item) => objectsIn(item, levels - 1))
      : [];
  return 'items' in value
    ? value.items.slice(0, 1000).flatMap((item) => objectsIn(item, levels - 1))
    : [];
}
