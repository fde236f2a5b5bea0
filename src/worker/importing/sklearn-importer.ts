import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../errors.ts';
import {
  declaredSignature,
  type DeclaredSignature,
  type DeclaredValue,
} from '../../import/onnx/declared-signature.ts';
import { ModelRefusal } from '../../import/onnx/model-refusal.ts';
import { SklearnImportError } from '../../import/sklearn/errors.ts';
import {
  importSklearn,
  looksLikeModelFile,
  missingString,
  type Signature,
  type SklearnImport,
} from '../../import/sklearn/import-sklearn.ts';
import { decodeModel } from '../../onnx/decode-model.ts';
import { encodeModel } from '../../onnx/encode-model.ts';
import type { Model } from '../../onnx/model.ts';
import type { ServingSteps } from '../serving-steps.ts';
import type { Converted, Importer, InputHint, OutputHint, SourceFiles } from './importer.ts';

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
  const model = withoutSpareScores(decodeModel(onnx));
  const steps = stepsOf(signature);
  const inputs = inputHints(signature);
  const features = featuresOf(signature);
  return {
    format: formatOf(report),
    model: model.edited ? encodeModel(model.edited) : onnx,
    ...(steps ? { steps } : {}),
    declared: declaredOf(signature, model.edited ?? model.found),
    hints: {
      ...(features.length > 0 ? { features } : {}),
      ...(signature.classes ? { classes: signature.classes } : {}),
      ...(signature.unused ? { unused: signature.unused } : {}),
      inputs,
      outputs: outputHints(signature),
    },
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

/** Scores beside probabilities are shown to nobody: they are not computed and not carried over. */
function withoutSpareScores(found: Model): { found: Model; edited?: Model } {
  const { graph } = found;
  const names = new Set(graph.outputs.map(({ name }) => name));
  const spare = new Set(
    [...names].filter((name) => {
      const [, suffix] = /^scores((?:_\d+)?)$/.exec(name) ?? [];
      return (
        suffix !== undefined &&
        (names.has(`probabilities${suffix}`) || (suffix === '' && names.has('pairwise')))
      );
    }),
  );
  if (spare.size === 0) return { found };
  const edited = {
    ...found,
    graph: {
      ...graph,
      outputs: graph.outputs.filter(({ name }) => !spare.has(name)),
      nodes: graph.nodes.filter(({ outputs }) => !outputs.some((name) => spare.has(name))),
    },
  };
  return { found, edited };
}

function stepsOf({ inputs, coupling }: Signature): ServingSteps | undefined {
  const texts = inputs.flatMap(({ text }) => text ?? []);
  if (texts.length === 0 && !coupling) return undefined;
  return { texts, ...(coupling ? { coupling } : {}) };
}

/** What callers see: columns in the order the model was fitted on, texts as texts, probabilities coupled. */
function declaredOf({ inputs, coupling }: Signature, model: Model): DeclaredSignature {
  const found = graphSignature(model);
  const byName = new Map(found.inputs.map((input) => [input.name, input]));
  const declared = new Map<string, DeclaredValue>();
  for (const { name, tensor, text } of inputs) {
    const input = text ? { name, dtype: 'string' as const, shape: ['N'] } : byName.get(tensor);
    if (input) declared.set(input.name, input);
  }
  const outputs = found.outputs.map((output): DeclaredValue =>
    coupling && output.name === coupling.from
      ? { name: coupling.to, dtype: 'float64', shape: ['N', coupling.classes] }
      : output,
  );
  return { inputs: [...declared.values()], outputs };
}

function graphSignature(model: Model): DeclaredSignature {
  try {
    return declaredSignature(model);
  } catch (error) {
    if (error instanceof ModelRefusal) throw new FoveaError('MODEL_INVALID', error.message);
    throw error;
  }
}

/** Names of the columns, where there are some; each column that is an input of its own has one. */
function featuresOf({ inputs }: Signature): string[] {
  const alone = inputs.length === 1 && inputs[0]?.shape.length === 2;
  const names = inputs.flatMap(({ name, features }) => features ?? (alone ? [] : [name]));
  return [...new Set(names)];
}

const mostCategoryBytes = 1024 * 1024;

/** They are kept with the version and in memory, to be checked at every request. @throws FoveaError MODEL_INVALID. */
function boundCategories(inputs: Signature['inputs']): void {
  const sizes = inputs.map(({ name, categories = [] }) => ({
    name,
    values: categories.length,
    bytes: categories.length === 0 ? 0 : JSON.stringify(categories).length,
  }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (!largest || total <= mostCategoryBytes) return;
  throw new FoveaError(
    'MODEL_INVALID',
    `The encoders raise for every value that they were not fitted on, and the ones that they know take ${total} bytes; at most ${mostCategoryBytes} can be checked. Most belong to the column ${JSON.stringify(largest.name.slice(0, 200))} (${largest.values} values). Fit its encoder so that it takes unknown values: handle_unknown="ignore" of OneHotEncoder, handle_unknown="use_encoded_value" of OrdinalEncoder, or TargetEncoder; or drop the column, if it is an id.`,
    {
      bytes: total,
      max_bytes: mostCategoryBytes,
      column: largest.name.slice(0, 200),
      values: largest.values,
    },
  );
}

function inputHints({ inputs }: Signature): ReadonlyMap<string, InputHint> {
  boundCategories(inputs);
  return new Map(
    inputs.map(({ name, tensor, dtype, allowsMissing, categories, text }) => [
      text ? name : tensor,
      {
        kind: text ? 'text' : categories ? 'category' : 'plain',
        nullable: allowsMissing,
        ...(dtype === 'string' && allowsMissing ? { missing: missingString } : {}),
        ...(categories ? { allowed: categories } : {}),
      },
    ]),
  );
}

function outputHints({ outputs, classLists, coupling }: Signature): Map<string, OutputHint> {
  const hints = new Map<string, OutputHint>();
  for (const { name } of outputs) {
    const [, kind, place] = /^(label|probabilities|scores)(?:_(\d+))?$/.exec(name) ?? [];
    const role = kind === undefined ? 'value' : (kind as 'label' | 'probabilities' | 'scores');
    const target = place === undefined ? undefined : Number(place);
    const classes = target === undefined ? undefined : classLists?.[target];
    hints.set(name, {
      role,
      ...(target === undefined ? {} : { target }),
      ...(classes ? { classes } : {}),
    });
  }
  if (coupling) hints.set(coupling.to, { role: 'probabilities' });
  return hints;
}
