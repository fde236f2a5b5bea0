import { FoveaError } from '../../errors.ts';
import {
  declaredSignature,
  type DeclaredSignature,
  type DeclaredValue,
} from '../../import/onnx/declared-signature.ts';
import { ModelRefusal } from '../../import/onnx/model-refusal.ts';
import { missingString, type Signature } from '../../import/sklearn/import-sklearn.ts';
import { encodeModel } from '../../onnx/encode-model.ts';
import type { Model } from '../../onnx/model.ts';
import type { ServingSteps } from '../serving-steps.ts';
import type { Converted, InputHint, OutputHint } from './importer.ts';

/**
 * How a graph of the importer of scikit-learn is served, by its signature.
 * @param original what to serve when nothing of the graph is left out
 * @throws FoveaError MODEL_INVALID.
 */
export function servedBySignature(
  signature: Signature,
  graph: Model,
  original: Converted['model'],
): Pick<Converted, 'model' | 'steps' | 'declared' | 'hints'> {
  const model = withoutSpareScores(graph);
  const steps = stepsOf(signature);
  const features = featuresOf(signature);
  return {
    model: model.edited ? encodeModel(model.edited) : original,
    ...(steps ? { steps } : {}),
    declared: declaredOf(signature, model.edited ?? model.found),
    hints: {
      ...(features.length > 0 ? { features } : {}),
      ...(signature.classes ? { classes: signature.classes } : {}),
      ...(signature.unused ? { unused: signature.unused } : {}),
      inputs: inputHints(signature),
      outputs: outputHints(signature),
    },
  };
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
