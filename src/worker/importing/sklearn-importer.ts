import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../errors.ts';
import { declaredSignature } from '../../import/onnx/declared-signature.ts';
import { SklearnImportError } from '../../import/sklearn/errors.ts';
import { importSklearn, type SklearnImport } from '../../import/sklearn/import-sklearn.ts';
import { decodeModel } from '../../onnx/decode-model.ts';
import type { Converted, Importer, SourceFiles } from './importer.ts';

/** Fitted models of scikit-learn, read as data and compiled to a graph in float64. */
export const sklearnImporter: Importer = {
  format: 'sklearn',
  extensions: ['.pkl', '.pickle', '.joblib', '.skops'],
  convert: convertSklearn,
};

async function convertSklearn(files: SourceFiles): Promise<Converted> {
  const parts = await Promise.all(
    files.map(async ({ name, path }) => ({ name, bytes: await readFile(path) })),
  );
  const { onnx, signature, report } = compiled(parts);
  if (signature.classLists) {
    throw new FoveaError(
      'MODEL_INVALID',
      'The model answers several classifications at once, which predictions cannot show yet; upload one classifier per target.',
    );
  }
  if (signature.inputs.some(({ text }) => text)) {
    throw new FoveaError(
      'MODEL_INVALID',
      'The model takes texts, which need a step before the graph that predictions do not have yet; convert the vectorised part alone.',
    );
  }
  const features = signature.inputs.flatMap(
    ({ name, features: columns }) => columns ?? (signature.inputs.length > 1 ? [name] : []),
  );
  return {
    model: onnx,
    declared: declaredSignature(decodeModel(onnx)),
    hints: {
      ...(features.length > 0 ? { features } : {}),
      ...(signature.classes ? { classes: signature.classes, probabilities: 'probabilities' } : {}),
      nullable: signature.inputs.every(({ allowsMissing }) => allowsMissing),
    },
    report: { ...report },
  };
}

function compiled(parts: Parameters<typeof importSklearn>[0]): SklearnImport {
  try {
    return importSklearn(parts);
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
