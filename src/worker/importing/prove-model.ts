import { FoveaError } from '../../errors.ts';
import type { NamedTensors } from '../../engine/tabular-tasks.ts';
import type { DeclaredSignature } from '../../import/onnx/declared-signature.ts';
import type {
  Batching,
  ModelInput,
  ModelOutput,
  ModelSignature,
} from '../../protocol/model-version.ts';
import { runtimeWords } from '../runtime-words.ts';
import { RuntimeRefusal } from '../session.ts';
import type { RunnableModel } from '../stepped-session.ts';
import type { SignatureHints } from './importer.ts';
import { modelColumns } from './model-columns.ts';
import { outputRoles } from './output-roles.ts';
import { compareRows, hasRows } from './same-rows.ts';
import { hasFreeRows, trialInputs, type TrialShape } from './trial-inputs.ts';

export interface Proof {
  readonly signature: ModelSignature;
  readonly batching: Batching;
  readonly runMs: number;
}

const rowsTogether = 5;
/** Free dimensions beyond the rows are tried with these sizes: a vector, a short text, a small picture. */
const freeSizes = [1, 8, 32, 224];

/** Runs the model and describes it by what came out. @throws FoveaError MODEL_INVALID. */
export async function proveModel(
  session: RunnableModel,
  declared: DeclaredSignature,
  hints: SignatureHints,
): Promise<Proof> {
  const { inputs } = declared;
  const { free, outputs: first } = await firstRun(session, declared);
  const started = performance.now();
  const runs = [first];
  const alone = await tried(session, inputs, rowsAlone(free));
  runs.push(...alone);
  const runMs = (performance.now() - started) / Math.max(1, alone.length);
  let batching: Batching = 'single';
  if (inputs.every(hasFreeRows) && alone.length === rowsTogether) {
    const [together] = await tried(session, inputs, [{ rows: rowsTogether, firstRow: 0, free }]);
    const aligned =
      together && hasRows(together, rowsTogether) && alone.every((o) => hasRows(o, 1));
    if (aligned) {
      batching = compareRows(together, alone);
      runs.push(together);
    }
  }
  return { signature: describe(declared, runs, hints), batching, runMs };
}

function rowsAlone(free: number): TrialShape[] {
  return Array.from({ length: rowsTogether }, (_, firstRow) => ({ rows: 1, firstRow, free }));
}

/** One row of zeros, or of other values where zeros do not do. */
async function firstRun(
  session: RunnableModel,
  { inputs }: DeclaredSignature,
): Promise<{ free: number; outputs: NamedTensors }> {
  const open = inputs.some(({ shape }) =>
    shape.some((dim, axis) => axis > 0 && typeof dim !== 'number'),
  );
  let refusal: unknown;
  for (const free of open ? freeSizes : [1]) {
    for (const kind of ['zeros', 'varied'] as const) {
      try {
        const feeds = trialInputs(inputs, { rows: 1, firstRow: 0, free }, kind);
        return { free, outputs: copyOf(await session.runTensors(feeds)) };
      } catch (error) {
        if (!(error instanceof RuntimeRefusal)) throw error;
        refusal ??= error;
      }
    }
  }
  const reason = runtimeWords(refusal);
  throw new FoveaError(
    'MODEL_INVALID',
    `The model loads, but does not run on an input of the shape it declares: ${reason}`,
    { reason },
  );
}

/** The outputs of varied rows; what does not run is left out. */
async function tried(
  session: RunnableModel,
  inputs: DeclaredSignature['inputs'],
  shapes: readonly TrialShape[],
): Promise<NamedTensors[]> {
  const outputs: NamedTensors[] = [];
  for (const shape of shapes) {
    try {
      outputs.push(copyOf(await session.runTensors(trialInputs(inputs, shape, 'varied'))));
    } catch (error) {
      if (!(error instanceof RuntimeRefusal)) throw error;
    }
  }
  return outputs;
}

/** The runtime may use the memory of outputs again. */
function copyOf(outputs: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      { ...tensor, data: tensor.data.slice() },
    ]),
  );
}

function describe(
  { inputs, outputs }: DeclaredSignature,
  runs: readonly NamedTensors[],
  hints: SignatureHints,
): ModelSignature {
  const { of, classes } = outputRoles(runs, hints);
  const features = featuresByInput(inputs, hints.features);
  const [first = {}] = runs;
  const numbers = severalNumbers(first, of);
  const targets = targetNames(hints, numbers?.count);
  const described = inputs.map(({ name, dtype, shape }, index): ModelInput => {
    const own = features?.[index];
    const nullable = hints.inputs?.get(name)?.nullable ?? hints.nullable === true;
    return {
      name,
      dtype,
      shape: [...shape],
      ...(own ? { features: own } : {}),
      ...(nullable ? { nullable: true } : {}),
    };
  });
  return {
    inputs: described,
    outputs: outputs.map(({ name, shape }) => {
      const found = first[name];
      if (!found) throw new FoveaError('MODEL_INVALID', `The model gives no output ${name}.`);
      const { dtype, dims } = found;
      // A model may say nothing of an output's shape, or something that is not so.
      const real = shape.length === dims.length ? [...shape] : dims.map(() => null);
      const { target, classes: own } = hints.outputs?.get(name) ?? {};
      return {
        name,
        dtype,
        shape: real,
        role: of.get(name) ?? 'value',
        ...(target === undefined ? {} : { target: targets[target] ?? `output_${target}` }),
        ...(own ? { classes: [...own] } : {}),
        ...(name === numbers?.name && targets.length > 0 ? { targets: [...targets] } : {}),
      };
    }),
    ...(classes ? { classes: [...classes] } : {}),
    columns: modelColumns(described, hints.inputs),
    ...(hints.unused ? { unused: [...hints.unused] } : {}),
  };
}

/** The only output, when it is several numbers per row and nothing else. */
function severalNumbers(
  outputs: NamedTensors,
  roles: ReadonlyMap<string, ModelOutput['role']>,
): { name: string; count: number } | undefined {
  const [[name, tensor] = [], ...others] = Object.entries(outputs);
  const count = tensor?.dims.length === 2 ? (tensor.dims[1] ?? 0) : 0;
  if (name === undefined || others.length > 0 || count < 2) return undefined;
  return (roles.get(name) ?? 'value') === 'value' ? { name, count } : undefined;
}

/** What the user calls the answers of a model that gives several at once. @throws FoveaError MODEL_INVALID. */
function targetNames(
  { outputs, targets }: SignatureHints,
  numbers: number | undefined,
): readonly string[] {
  if (!targets) return [];
  const places = [...(outputs?.values() ?? [])].map(({ target }) => target ?? -1);
  const count = numbers ?? Math.max(-1, ...places) + 1;
  const names = new Set(targets).size;
  if (targets.length === count && names === count) return targets;
  throw new FoveaError(
    'MODEL_INVALID',
    count === 0
      ? 'The model gives one answer per row, which needs no `targets`; leave them out of the metadata.'
      : `The model gives ${count} answers per row, and \`targets\` has ${names} different ${names === 1 ? 'name' : 'names'}; name each once.`,
    { targets: targets.length, answers: count },
  );
}

/** Values of one row of each input; undefined when a free dimension leaves it open. */
function widths(inputs: DeclaredSignature['inputs']): (number | undefined)[] {
  return inputs.map(({ shape }) => {
    const row = typeof shape[0] === 'number' && shape[0] !== 1 ? shape : shape.slice(1);
    return row.reduce<number | undefined>(
      (size, dim) => (size === undefined || typeof dim !== 'number' ? undefined : size * dim),
      1,
    );
  });
}

function featuresByInput(
  inputs: DeclaredSignature['inputs'],
  features: readonly string[] | undefined,
): string[][] | undefined {
  if (!features) return undefined;
  const sizes = widths(inputs);
  // The only input may leave its width open; then the names say it.
  const known = sizes.map((size) => size ?? (inputs.length === 1 ? features.length : Number.NaN));
  const total = known.reduce((sum, size) => sum + size, 0);
  if (total !== features.length || new Set(features).size !== features.length) {
    throw new FoveaError(
      'MODEL_INVALID',
      `There are ${new Set(features).size} different names of features, and the model takes ${total} values per row; name each value once.`,
      { features: features.length, values: Number.isNaN(total) ? null : total },
    );
  }
  let start = 0;
  return known.map((size) => features.slice(start, (start += size)));
}
