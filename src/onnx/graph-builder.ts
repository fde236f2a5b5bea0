import { dataTypes } from './model.ts';
import type { Attribute, DataTypeName, Graph, Node, Tensor, ValueInfo } from './model.ts';

/** Plain values become attributes: an integer an int, a string a string, an array of integers ints. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: Tensor }
  | { readonly strings: readonly string[] }
  | { readonly graph: Graph };

/** A node whose inputs may still change before `build()`. */
export interface BuiltNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  inputs: string[];
  readonly outputs: readonly string[];
  attributes: readonly Attribute[];
}

/** Collects nodes and constants under names that are unique; `build` drops what no output needs. */
export class GraphBuilder {
  readonly #names = new Set<string>();
  readonly #nextSuffix = new Map<string, number>();
  readonly #constants = new Map<string, Tensor>();
  readonly #sharedConstants = new Map<string, string>();
  #nodes: BuiltNode[] = [];
  #inputs: ValueInfo[] = [];

  /** `base`, or `base~2`, `base~3`… when it is taken. */
  uniqueName(base: string): string {
    let name = base === '' ? 'value' : base;
    let suffix = this.#nextSuffix.get(name) ?? 2;
    const first = name;
    for (; this.#names.has(name); suffix += 1) name = `${first}~${suffix}`;
    this.#nextSuffix.set(first, suffix);
    this.#names.add(name);
    return name;
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** The nodes, outside of bodies, that read a tensor. */
  readersOf(name: string): readonly BuiltNode[] {
    return this.#nodes.filter((node) => outerInputs(node).includes(name));
  }

  addInput(info: ValueInfo): string {
    const name = this.uniqueName(info.name);
    this.#inputs.push({ ...info, name });
    return name;
  }

  /** For an input whose readers were changed. */
  reshapeInput(name: string, shape: ValueInfo['shape']): void {
    this.#inputs = this.#inputs.map((input) => (input.name === name ? { ...input, shape } : input));
  }

  /** Adds a constant and gives its name. Small ones with the same bytes are kept once. */
  addConstant(base: string, type: DataTypeName, dims: readonly number[], raw: Uint8Array): string {
    const key = raw.byteLength <= 256 ? `${type}|${dims.join()}|${hex(raw)}` : undefined;
    const shared = key === undefined ? undefined : this.#sharedConstants.get(key);
    if (shared !== undefined) return shared;
    const name = this.uniqueName(base);
    this.#constants.set(name, { name, dataType: dataTypes[type], dims, raw });
    if (key !== undefined) this.#sharedConstants.set(key, name);
    return name;
  }

  /** Adds a constant of strings, UTF-8 encoded. */
  addStrings(base: string, dims: readonly number[], values: readonly string[]): string {
    const name = this.uniqueName(base);
    const strings = values.map((value) => Buffer.from(value, 'utf8'));
    this.#constants.set(name, { name, dataType: dataTypes.string, dims, strings });
    return name;
  }

  addNode(
    opType: string,
    name: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): BuiltNode {
    const outputs = Array.from({ length: outputCount }, () => this.uniqueName(name));
    const list = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
    const node = {
      name: outputs[0] ?? name,
      opType,
      domain,
      inputs: [...inputs],
      outputs,
      attributes: list,
    };
    this.#nodes.push(node);
    return node;
  }

  /**
   * A graph for an attribute, such as a loop's body. What `write` adds stays inside, except for
   * constants, which the outer graph keeps; `write` gives the outputs, by the names of its tensors.
   */
  body(name: string, inputs: readonly ValueInfo[], write: () => readonly ValueInfo[]): Graph {
    const outer = this.#nodes;
    this.#nodes = [];
    try {
      const outputs = write();
      return { name, nodes: this.#nodes, initializers: [], inputs, outputs };
    } finally {
      this.#nodes = outer;
    }
  }

  /**
   * The graph with only what `outputs` need. `sources` names, for each output, the tensor inside of
   * the graph; that tensor takes the output's name, or is copied where it already has a public one.
   */
  build(name: string, outputs: readonly ValueInfo[], sources: readonly string[]): Graph {
    const rename = this.#publicNames(outputs, sources);
    const live = liveNodes(this.#nodes, sources);
    const nodes: Node[] = live.map((node) => renamed(node, rename));
    outputs.forEach((output, i) => {
      const source = sources[i] ?? '';
      if ((rename.get(source) ?? source) === output.name) return;
      nodes.push(identity(rename.get(source) ?? source, output.name));
    });
    const used = new Set(nodes.flatMap(outerInputs));
    const initializers = [...this.#constants.values()]
      .map((tensor) => ({ ...tensor, name: rename.get(tensor.name) ?? tensor.name }))
      .filter((tensor) => used.has(tensor.name));
    return { name, nodes, initializers, inputs: this.#inputs, outputs };
  }

  #publicNames(outputs: readonly ValueInfo[], sources: readonly string[]): Map<string, string> {
    const fixed = new Set([...this.#constants.keys(), ...this.#inputs.map((input) => input.name)]);
    const wanted = new Set(outputs.map((output) => output.name));
    const rename = new Map<string, string>();
    // A hidden tensor that happens to bear the name of an output makes room for it.
    for (const hidden of [
      ...this.#nodes.flatMap((node) => node.outputs),
      ...this.#constants.keys(),
    ]) {
      if (wanted.has(hidden)) rename.set(hidden, this.uniqueName(`${hidden}~inner`));
    }
    const taken = new Set<string>();
    outputs.forEach((output, i) => {
      const source = sources[i] ?? '';
      if (fixed.has(source) || taken.has(source)) return;
      taken.add(source);
      rename.set(source, output.name);
    });
    return rename;
  }
}

function liveNodes(nodes: readonly BuiltNode[], roots: readonly string[]): BuiltNode[] {
  const needed = new Set(roots);
  const live: BuiltNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    live.push(node);
    for (const input of outerInputs(node)) needed.add(input);
  }
  return live.reverse();
}

/** What a node reads: its inputs, and every name that a graph among its attributes mentions. */
function outerInputs(node: Pick<Node, 'inputs' | 'attributes'>): readonly string[] {
  const inner = node.attributes.flatMap((attribute) =>
    attribute.kind === 'graph' ? attribute.value.nodes.flatMap(outerInputs) : [],
  );
  return inner.length === 0 ? node.inputs : [...node.inputs, ...inner];
}

function renamed(node: BuiltNode, rename: ReadonlyMap<string, string>): Node {
  const map = (name: string): string => rename.get(name) ?? name;
  return { ...node, inputs: node.inputs.map(map), outputs: node.outputs.map(map) };
}

function identity(from: string, to: string): Node {
  return {
    name: to,
    opType: 'Identity',
    domain: '',
    inputs: [from],
    outputs: [to],
    attributes: [],
  };
}

function toAttribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'number') return { name, kind: 'int', value };
  if (typeof value === 'string') return { name, kind: 'string', value };
  if ('float' in value) return { name, kind: 'float', value: value.float };
  if ('tensor' in value) return { name, kind: 'tensor', value: value.tensor };
  if ('strings' in value) return { name, kind: 'strings', value: value.strings };
  if ('graph' in value) return { name, kind: 'graph', value: value.graph };
  return { name, kind: 'ints', value };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
