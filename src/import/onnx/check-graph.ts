import {
  dataTypes,
  type Attribute,
  type Graph,
  type Model,
  type Tensor,
} from '../../onnx/model.ts';
import { ModelRefusal } from './model-refusal.ts';

/** Operator sets that the CPU runtime brings. Which operators of them it has, loading the model tells. */
const knownDomains: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** Operators that point to other files or to code. */
const forbiddenOps: ReadonlySet<string> = new Set(['EPContext', 'PyOp', 'CustomOp']);

const itemBytes: Readonly<Record<number, number>> = {
  [dataTypes.float32]: 4,
  [dataTypes.uint8]: 1,
  [dataTypes.int8]: 1,
  [dataTypes.uint16]: 2,
  [dataTypes.int16]: 2,
  [dataTypes.int32]: 4,
  [dataTypes.int64]: 8,
  [dataTypes.bool]: 1,
  [dataTypes.float16]: 2,
  [dataTypes.float64]: 8,
  [dataTypes.uint32]: 4,
  [dataTypes.uint64]: 8,
};

/**
 * Refuses by name what makes a file depend on anything but itself and the runtime, and tensors
 * that claim another size than they have.
 * @throws ModelRefusal
 */
export function checkGraph(model: Model): void {
  const foreign = new Set<string>();
  walk(model.graph, foreign);
  if (foreign.size === 0) return;
  const names = [...foreign].sort().slice(0, 20);
  throw new ModelRefusal(
    `The model uses operators that this server does not have: ${names.join(', ')}. Export it with operators of ONNX (ai.onnx, ai.onnx.ml) only, with functions inlined.`,
    { operators: names },
  );
}

function walk(graph: Graph, foreign: Set<string>): void {
  for (const tensor of graph.initializers) checkTensor(tensor);
  for (const { domain, opType, attributes } of graph.nodes) {
    if (!knownDomains.has(domain) || forbiddenOps.has(opType))
      foreign.add(domain === '' ? opType : `${domain}.${opType}`);
    for (const attribute of attributes) walkAttribute(attribute, foreign);
  }
}

function walkAttribute(attribute: Attribute, foreign: Set<string>): void {
  if (attribute.kind === 'other')
    throw new ModelRefusal(
      `The model has an attribute ${quoted(attribute.name)} of a kind that is not read (a sparse tensor, a type, a reference). Export it with dense tensors and functions inlined.`,
      { attribute: attribute.name.slice(0, 200) },
    );
  if (attribute.kind === 'tensor') checkTensor(attribute.value);
  else if (attribute.kind === 'graph') walk(attribute.value, foreign);
  else if (attribute.kind === 'graphs') for (const graph of attribute.value) walk(graph, foreign);
}

function checkTensor({ name, dataType, dims, raw, strings, externalData }: Tensor): void {
  if (externalData) {
    throw new ModelRefusal(
      `The tensor ${quoted(name)} keeps its data in another file (${quoted(externalData.get('location') ?? '')}). Save the model as one file, with its weights inside.`,
      { tensor: name, location: externalData.get('location') ?? '' },
    );
  }
  const wanted = dims.reduce((product, dim) => product * dim, 1);
  if (!Number.isSafeInteger(wanted) || dims.some((dim) => dim < 0))
    throw refusedSize(name, dims, 'which no tensor can have');
  const size = itemBytes[dataType];
  if (dataType === dataTypes.string) {
    if ((strings?.length ?? 0) !== wanted)
      throw refusedSize(name, dims, `but holds ${strings?.length ?? 0} texts`);
  } else if (size !== undefined && (raw?.length ?? 0) !== wanted * size) {
    throw refusedSize(name, dims, `but holds ${raw?.length ?? 0} bytes`);
  }
}

function refusedSize(name: string, dims: readonly number[], but: string): ModelRefusal {
  return new ModelRefusal(
    `The tensor ${quoted(name)} claims the shape [${dims.join(', ')}], ${but}. Export the model again; the file is damaged.`,
    { tensor: name },
  );
}

/** A name out of the file, short and harmless. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
