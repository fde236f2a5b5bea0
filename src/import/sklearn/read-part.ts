import type { Part } from './bundle.ts';
import { SklearnImportError } from './errors.ts';
import { Fitted } from './fitted/fitted.ts';
import { isTextModel } from './lightgbm/text-model.ts';
import { PyBytes, PyDict, PyGlobal, PyObject, PyTuple, typeName } from './records.ts';
import type { PyValue } from './records.ts';
import type { ReadLimits } from './reader/limits.ts';
import { readModelFile } from './reader/read-model-file.ts';
import { documentOf } from './xgboost/booster.ts';

/** One file as the estimator that it holds. */
export function readPart(
  file: { name: string; bytes: Uint8Array },
  limits?: Partial<ReadLimits>,
): Part {
  const own = ownFormat(file.bytes);
  if (own) return { file: file.name, model: new Fitted(own, file.name) };
  const found = readModelFile(file.bytes, limits);
  const model = new Fitted(estimatorIn(found.root, file.name), file.name);
  const [version] = found.sklearnVersions;
  return { file: file.name, model, ...(version !== undefined && { version }) };
}

/** The root itself, or the only estimator among the values of a dict, list or tuple. */
function estimatorIn(root: PyValue, file: string): PyObject {
  if (root instanceof PyObject && root.cls.name !== 'DataFrame') return root;
  const values = root instanceof PyDict ? root.values() : root instanceof PyTuple ? root.items : [];
  const estimators = values.filter(
    (value) => value instanceof PyObject && value.attributes.has('_sklearn_version'),
  );
  const [only] = estimators;
  if (estimators.length === 1 && only instanceof PyObject) return only;
  throw new SklearnImportError(
    'MODEL_INVALID',
    estimators.length > 1
      ? `${file} holds ${estimators.length} estimators; save the one to serve, or one Pipeline of all`
      : `${file} holds ${typeName(root)}, no fitted estimator; save the model itself`,
    { file, found: typeName(root) },
  );
}

/** Model files that are no pickle, as the booster that a pickle would hold. */
function ownFormat(bytes: Uint8Array): PyObject | undefined {
  const format = boosterFormat(bytes);
  if (format === undefined) return undefined;
  const booster = new PyObject(
    new PyGlobal(format === 'xgboost' ? 'xgboost.core' : 'lightgbm.basic', 'Booster'),
  );
  booster.attributes.set('handle', new PyBytes(bytes));
  return booster;
}

/** Model files of XGBoost (JSON, UBJSON) and LightGBM (text), told by their content. */
export function boosterFormat(bytes: Uint8Array): 'xgboost' | 'lightgbm' | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (start.startsWith('{') && documentOf(bytes) !== undefined) return 'xgboost';
  return isTextModel(start) ? 'lightgbm' : undefined;
}
