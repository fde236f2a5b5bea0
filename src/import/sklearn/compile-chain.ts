import { encodeModel } from '../../onnx/encode-model.ts';
import type { Chain } from './bundle.ts';
import { Compilation, NeedsColumns } from './compilation.ts';
import type { Fitted } from './fitted/fitted.ts';
import type { Classes, Dense, Prediction, Source, Value } from './graph/values.ts';
import { graphMetadata } from './graph-metadata.ts';
import { inputColumns } from './input-columns.ts';
import type { InputColumns } from './input-columns.ts';
import { Outputs } from './outputs.ts';
import type { Signature, SignatureInput, Task, UnusedColumn } from './signature.ts';
import { compilerFor } from './table.ts';

/** String comparison came with opset 19; `TreeEnsemble` in float64 with 5 of ai.onnx.ml. */
export const opsets: ReadonlyMap<string, number> = new Map([
  ['', 19],
  ['ai.onnx.ml', 5],
]);
const irVersion = 9;
const maxColumns = 2 ** 24;

export interface Compiled {
  readonly onnx: Uint8Array;
  readonly signature: Signature;
  readonly nodes: number;
  readonly warnings: readonly string[];
}

/** One tensor X where all columns are numbers; otherwise one input per column. */
export function compileChain(chain: Chain, coupleOutside: boolean): Compiled {
  const first = chain.transformers[0] ?? chain.model;
  if (!first) throw new TypeError('A chain has at least one estimator.');
  const input = inputColumns(first, (model) => compilerFor(model).input?.(model));
  if (!input)
    throw first.refusal(
      'it does not say how many columns it reads',
      'put it into a Pipeline with the model, and save that',
    );
  if (!Number.isSafeInteger(input.width) || input.width < 1 || input.width > maxColumns)
    throw first.refusal(`it says that it reads ${input.width} columns`);
  if (!input.isText) {
    try {
      return compile(chain, input, true, coupleOutside);
    } catch (error) {
      if (!(error instanceof NeedsColumns)) throw error;
    }
  }
  return compile(chain, input, false, coupleOutside);
}

function compile(
  chain: Chain,
  input: InputColumns,
  asMatrix: boolean,
  coupleOutside: boolean,
): Compiled {
  const c = new Compilation(compilerFor);
  const { sources, value } = asMatrix ? matrixInput(c, input) : columnInputs(input);
  const outputs = new Outputs(c, coupleOutside);
  const transformed = chain.transformers.reduce(
    (at: Value, model) => c.transform(model, at),
    value,
  );
  const result = chain.model ? named(chain, c.predict(chain.model, transformed)) : undefined;
  const last = chain.model ?? chain.transformers.at(-1);
  if (result) outputs.addPrediction(result);
  else if (last) {
    outputs.addTransformed(transformed, last);
  }
  const unused = value.kind === 'dense' ? unusedOfMatrix(c, value, input) : unusedOf(sources);
  const inputs = asMatrix
    ? [matrixSignature(input, sources, unused)]
    : columnSignatures(c, sources);
  const signature: Signature = {
    ...describe(result),
    inputs,
    ...(unused.length > 0 && { unused }),
    outputs: outputs.list,
    ...(outputs.coupling && { coupling: outputs.coupling }),
  };
  const graph = c.e.builder.build('sklearn', outputs.infos, outputs.sources);
  const onnx = encodeModel({
    irVersion,
    producerName: 'fovea',
    producerVersion: '',
    opsets,
    metadata: graphMetadata(signature, chain.version),
    graph,
    functionCount: 0,
  });
  return {
    onnx,
    signature,
    nodes: graph.nodes.length,
    warnings: [...c.warnings],
  };
}

interface Inputs {
  readonly sources: readonly Source[];
  readonly value: Value;
}

interface MatrixInput {
  readonly sources: readonly Source[];
  readonly value: Dense;
}

function matrixInput(c: Compilation, { width }: InputColumns): MatrixInput {
  const name = c.e.input('X', 'float64', ['N', width]);
  const sources: Source[] = [{ name: 'X', tensor: name, allowsMissing: true }];
  return { sources, value: { kind: 'dense', name, width, sources } };
}

/** Of a table only: columns of an array have no names, and all of them are numbers anyway. */
function unusedOfMatrix(c: Compilation, x: Dense, { names }: InputColumns): UnusedColumn[] {
  return names ? c.dropUnread(x).map((at) => ({ name: names[at] ?? `x${at}`, at })) : [];
}

function unusedOf(sources: readonly Source[]): UnusedColumn[] {
  return sources.flatMap(({ name, type }, at) => (type === undefined ? [{ name, at }] : []));
}

function matrixSignature(
  { width, names }: InputColumns,
  sources: readonly Source[],
  unused: readonly UnusedColumn[],
): SignatureInput {
  const left = new Set(unused.map(({ at }) => at));
  return {
    name: 'X',
    tensor: 'X',
    dtype: 'float64',
    shape: ['N', width - unused.length],
    ...(names && { features: names.filter((_, at) => !left.has(at)) }),
    allowsMissing: sources[0]?.allowsMissing ?? false,
  };
}

function columnInputs({ width, names }: InputColumns): Inputs {
  const sources = Array.from({ length: width }, (_, i): Source => ({
    name: names?.[i] ?? `x${i}`,
    allowsMissing: true,
  }));
  return {
    sources,
    value: { kind: 'columns', columns: sources.map((source) => ({ kind: 'source', source })) },
  };
}

/** Columns that nothing reads are not asked for. */
function columnSignatures(c: Compilation, sources: readonly Source[]): SignatureInput[] {
  return sources.flatMap((source): SignatureInput[] => {
    const { name, type, tensor, allowsMissing, categories } = source;
    if (type === 'text') {
      const stages = c.textStages.filter((stage) => stage.input === name);
      return stages.map((text) => ({
        name,
        tensor: text.ids,
        dtype: 'string',
        shape: ['N'],
        allowsMissing: false,
        text,
      }));
    }
    if (tensor === undefined || type === undefined) return [];
    return [
      {
        name,
        tensor,
        dtype: type,
        shape: ['N', 1],
        allowsMissing,
        ...(categories && { categories }),
      },
    ];
  });
}

/** A label encoder gives names to the numbers of a classifier. */
function named(chain: Chain, found: Prediction): Prediction {
  if (!chain.labels) return found;
  const names = chain.labels.classes();
  if (found.kind !== 'classifier')
    throw chain.labels.refusal('it names labels, and the model is no classifier');
  return { ...found, classes: renamed(chain.labels, found.classes, names) };
}

function renamed(labels: Fitted, classes: Classes, names: Classes): Classes {
  const values = classes.values.map((value) => names.values[Number(value)]);
  if (classes.type === 'string' || values.includes(undefined))
    throw labels.refusal(
      `its ${names.values.length} names do not fit the labels ${classes.values.slice(0, 5).join(', ')}`,
    );
  return { type: names.type, values: values.flatMap((value) => value ?? []) };
}

function describe(result: Prediction | undefined): { task: Task } & Partial<Signature> {
  if (!result) return { task: 'transformer' };
  if (result.kind === 'multi-classifier')
    return { task: 'classifier', classLists: result.outputs.map((one) => one.classes.values) };
  return result.kind === 'classifier'
    ? { task: 'classifier', classes: result.classes.values }
    : { task: result.kind };
}
