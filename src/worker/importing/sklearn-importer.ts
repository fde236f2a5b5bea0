import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../errors.ts';
import { SklearnImportError } from '../../import/sklearn/errors.ts';
import {
  importSklearn,
  looksLikeModelFile,
  type SklearnImport,
} from '../../import/sklearn/import-sklearn.ts';
import { decodeModel } from '../../onnx/decode-model.ts';
import type { Converted, Importer, SourceFiles } from './importer.ts';
import { servedBySignature } from './served-by-signature.ts';

/** Fitted models of scikit-learn, XGBoost and LightGBM, read as data and compiled to a graph in float64. */
export const sklearnImporter: Importer = {
  format: 'sklearn',
  extensions: ['.pkl', '.pickle', '.joblib', '.skops', '.sav', '.ubj', '.json', '.txt'],
  recognises: looksLikeModelFile,
  convert: convertSklearn,
};

async function convertSklearn(files: SourceFiles): Promise<Converted> {
  const parts = await Promise.all(
    files.map(async ({ name, path }) => ({ name, bytes: await readFile(path) })),
  );
  const { onnx, signature, report } = compiled(parts);
  return {
    format: formatOf(report),
    ...servedBySignature(signature, decodeModel(onnx), onnx),
    report: {
      task: signature.task,
      sklearn_version: report.sklearnVersion ?? null,
      files: report.roles,
      estimators: report.estimators,
      notes: report.warnings,
      opset: report.opset,
      nodes: report.nodes,
      importer_version: report.importerVersion,
    },
  };
}

function compiled(parts: Parameters<typeof importSklearn>[0]): SklearnImport {
  try {
    return importSklearn(parts, { coupleOutside: true });
  } catch (error) {
    if (!(error instanceof SklearnImportError)) throw error;
    throw new FoveaError(
      'MODEL_INVALID',
      error.message,
      { ...error.details, import_code: error.code },
      error,
    );
  }
}

/** Whose model it is that predicts. */
function formatOf({ roles }: SklearnImport['report']): string {
  const own = roles.find(({ role }) => role === 'model') ?? roles.at(-1);
  const [library = ''] = own?.class.split('.') ?? [];
  return library === 'xgboost' || library === 'lightgbm' ? library : 'sklearn';
}
