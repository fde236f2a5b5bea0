import { TfjsImportError } from '../tfjs-import-error.ts';
import { dtypeNamed } from './attributes.ts';
import type { Dtype } from './constant.ts';
import type { GraphModelJson, SignatureJson, TensorInfoJson } from './model-json.ts';
import type { Shape } from './shape.ts';
import { tensorRef } from './tf-graph.ts';
import type { TensorRef, TfNode } from './tf-graph.ts';

export interface InputSpec {
  /** The node's name, which is the name of the ONNX input. */
  readonly name: string;
  /** The name the signature gives it; the node's own without a signature. */
  readonly key: string;
  /** The type that the ONNX input takes. */
  readonly dtype: Dtype;
  /** The type that the graph computes with; another one is cast to it first. */
  readonly graphDtype: Dtype;
  readonly shape: Shape;
}

export interface OutputSpec {
  /** The node's name, with `:1`… for a further output of a node. */
  readonly name: string;
  readonly key: string;
  readonly ref: TensorRef;
}

/** What a caller knows better than the model, by input name. */
export interface InputOverride {
  readonly shape?: readonly number[];
  /** Feed pixels as float32 to a model that wants int32, say; they are cut off towards zero. */
  readonly dtype?: Dtype;
}

export interface Interface {
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
}

/**
 * Inputs and outputs: of the signature where there is one (older converters kept it under
 * userDefinedMetadata), otherwise every Placeholder and every node that nobody reads.
 */
export function readInterface(
  json: GraphModelJson,
  graph: ReadonlyMap<string, TfNode>,
  overrides: ReadonlyMap<string, InputOverride>,
  wanted: readonly string[] | undefined,
): Interface {
  const signature = usable(json.signature) ?? usable(json.userDefinedMetadata?.signature);
  const inputs = readInputs(graph, signature, overrides);
  const outputs =
    wanted?.map((name) => declaredOutput(name, {}, graph)) ?? allOutputs(signature, graph);
  if (outputs.length === 0) throw signatureError('the graph has no output', '');
  const twice = outputs.find((output, i) => outputs.findIndex((o) => o.name === output.name) !== i);
  if (twice) throw signatureError(`the output ${twice.name} is declared twice`, twice.name);
  return { inputs, outputs };
}

function allOutputs(
  signature: SignatureJson | undefined,
  graph: ReadonlyMap<string, TfNode>,
): OutputSpec[] {
  if (!signature?.outputs) return unreadNodes(graph);
  return Object.entries(signature.outputs).map(([key, info]) => declaredOutput(key, info, graph));
}

function usable(signature: SignatureJson | null | undefined): SignatureJson | undefined {
  return signature?.outputs && Object.keys(signature.outputs).length > 0 ? signature : undefined;
}

/** Every Placeholder is an input, in the signature's order first; shapes that it leaves open come from there. */
function readInputs(
  graph: ReadonlyMap<string, TfNode>,
  signature: SignatureJson | undefined,
  overrides: ReadonlyMap<string, InputOverride>,
): InputSpec[] {
  const declared = new Map<string, { key: string; info: TensorInfoJson }>();
  for (const [key, info] of Object.entries(signature?.inputs ?? {})) {
    const { node } = tensorRef(info.name ?? key);
    if (graph.get(node)?.op !== 'Placeholder') {
      throw signatureError(`input "${key}" names ${node}, which is not a Placeholder`, node);
    }
    declared.set(node, { key, info });
  }
  const names = new Set(declared.keys());
  for (const node of graph.values()) if (node.op === 'Placeholder') names.add(node.name);
  const unknown = [...overrides.keys()].find((name) => !names.has(name));
  if (unknown !== undefined)
    throw signatureError(`there is no input ${unknown} to override`, unknown);
  return [...names].map((name) => inputSpec(name, graph, declared.get(name), overrides.get(name)));
}

function inputSpec(
  name: string,
  graph: ReadonlyMap<string, TfNode>,
  declared: { key: string; info: TensorInfoJson } | undefined,
  override: InputOverride | undefined,
): InputSpec {
  const attrs = graph.get(name)?.attrs;
  const info = declared?.info.tensorShape;
  const fromSignature = info && info.unknownRank !== true ? info.dim.map((d) => d.size) : undefined;
  const fromNode = attrs?.shape('shape');
  const shape = override?.shape ?? merged(name, fromNode, fromSignature);
  if (!shape)
    throw signatureError(`the shape of input ${name} is unknown; pass it as an option`, name);
  if (shape.some((dim) => !Number.isInteger(dim) || dim < -1 || dim === 0 || dim >= 2 ** 31)) {
    throw signatureError(`input ${name} has the shape [${shape.join()}]`, name);
  }
  const dtype = attrs?.dtype('dtype') ?? dtypeNamed(declared?.info.dtype, name);
  return {
    name,
    key: declared?.key ?? name,
    dtype: override?.dtype ?? dtype,
    graphDtype: dtype,
    shape,
  };
}

function merged(name: string, a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b) return a ?? b;
  if (a.length !== b.length) {
    throw signatureError(
      `input ${name} is [${a.join()}] in the graph and [${b.join()}] in the signature`,
      name,
    );
  }
  return a.map((dim, i) => (dim === -1 ? (b[i] ?? -1) : dim));
}

function declaredOutput(
  key: string,
  info: TensorInfoJson,
  graph: ReadonlyMap<string, TfNode>,
): OutputSpec {
  const ref = tensorRef(info.name ?? key);
  if (!graph.has(ref.node))
    throw signatureError(`output "${key}" names ${ref.node}, which does not exist`, ref.node);
  return { name: ref.index === 0 ? ref.node : `${ref.node}:${ref.index}`, key, ref };
}

function unreadNodes(graph: ReadonlyMap<string, TfNode>): OutputSpec[] {
  const read = new Set(
    [...graph.values()].flatMap((node) => node.inputs.map((input) => input.node)),
  );
  return [...graph.values()]
    .filter((node) => !read.has(node.name) && !['Const', 'NoOp', 'Placeholder'].includes(node.op))
    .map(({ name }) => ({ name, key: name, ref: { node: name, index: 0 } }));
}

function signatureError(problem: string, node: string): TfjsImportError {
  return new TfjsImportError(
    'TFJS_SIGNATURE_INVALID',
    `The model's interface is unusable: ${problem}.`,
    { node },
  );
}
