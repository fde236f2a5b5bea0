import { dataTypes, type Dimension, type Model, type ValueInfo } from '../../onnx/model.ts';
import type { DType } from '../../tensor/tensor.ts';
import { quoted } from './check-graph.ts';
import { ModelRefusal } from './model-refusal.ts';

/** What a file says of one input or output. */
export interface DeclaredValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dimension[];
}

export interface DeclaredSignature {
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
}

const served: ReadonlyMap<number, DType> = new Map([
  [dataTypes.float32, 'float32'],
  [dataTypes.float64, 'float64'],
  [dataTypes.int32, 'int32'],
  [dataTypes.int64, 'int64'],
  [dataTypes.uint8, 'uint8'],
  [dataTypes.bool, 'bool'],
  [dataTypes.string, 'string'],
]);

const mostValues = 1_000;
const longestName = 200;

/** The inputs that a caller must give (those without a default) and the outputs. @throws ModelRefusal */
export function declaredSignature({ graph }: Model): DeclaredSignature {
  const defaults = new Set(graph.initializers.map(({ name }) => name));
  const required = graph.inputs.filter(({ name }) => !defaults.has(name));
  if (required.length === 0 || graph.outputs.length === 0)
    throw new ModelRefusal('The model has no input or no output, so it predicts nothing.');
  if (required.length > mostValues || graph.outputs.length > mostValues)
    throw new ModelRefusal(`The model has more than ${mostValues} inputs or outputs.`);
  return {
    inputs: required.map((info) => declared('input', info)),
    outputs: graph.outputs.map((info) => declared('output', info)),
  };
}

function declared(what: 'input' | 'output', { name, dataType, shape }: ValueInfo): DeclaredValue {
  const dtype = dataType === null ? undefined : served.get(dataType);
  if (dtype === undefined)
    throw new ModelRefusal(
      `The ${what} ${quoted(name)} is no tensor of ${[...served.values()].join(', ')}; cast it to one of them in the graph.`,
      { [what]: name },
    );
  if (name === '' || name.length > longestName || name.includes('\0'))
    throw new ModelRefusal(`An ${what} needs a name of 1 to ${longestName} characters.`);
  if (what === 'input' && shape === null)
    throw new ModelRefusal(
      `The input ${quoted(name)} says nothing of its shape; export the model with one, such as [N, 4].`,
      { input: name },
    );
  return { name, dtype, shape: (shape ?? []).map(plainDimension) };
}

/** Exporters write 0 and -1 for free dimensions too. */
function plainDimension(dim: Dimension): Dimension {
  if (typeof dim === 'string') return dim.replaceAll('\0', '').slice(0, longestName) || null;
  return dim !== null && dim <= 0 ? null : dim;
}
