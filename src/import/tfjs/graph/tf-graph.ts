import { TfjsImportError } from '../tfjs-import-error.ts';
import { Attributes } from './attributes.ts';
import type { NodeJson } from './model-json.ts';

/** One output of one node. */
export interface TensorRef {
  readonly node: string;
  readonly index: number;
}

export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly attrs: Attributes;
  /** Data inputs; control inputs (`^name`) only order side effects, of which a graph model has none. */
  readonly inputs: readonly TensorRef[];
}

/** The nodes by name. @throws TfjsImportError for a name that occurs twice or an input that nobody makes. */
export function readGraph(nodes: readonly NodeJson[]): ReadonlyMap<string, TfNode> {
  const byName = new Map<string, TfNode>();
  for (const json of nodes) {
    if (byName.has(json.name)) throw graphError(`two nodes are named ${json.name}`, json.name);
    const inputs = json.input.filter((input) => !input.startsWith('^')).map(tensorRef);
    const attrs = new Attributes(json.name, json.attr);
    byName.set(json.name, { name: json.name, op: json.op, attrs, inputs });
  }
  for (const node of byName.values()) {
    const missing = node.inputs.find((input) => !byName.has(input.node));
    if (missing)
      throw graphError(`${node.name} reads ${missing.node}, which does not exist`, node.name);
  }
  return byName;
}

/** `name` or `name:2`. TensorFlow.js writes the index last, and a node's name has no colon. */
export function tensorRef(text: string): TensorRef {
  const match = /^(.*):(\d{1,4})$/.exec(text);
  return match ? { node: match[1] ?? '', index: Number(match[2]) } : { node: text, index: 0 };
}

export function graphError(problem: string, node: string): TfjsImportError {
  return new TfjsImportError('TFJS_GRAPH_INVALID', `The graph is invalid: ${problem}.`, { node });
}

/** An edge of the graph that may be left out of the order, such as the way back of a loop. */
export type EdgeFilter = (from: TfNode, to: TfNode) => boolean;

/**
 * The nodes that `roots` need, each after its inputs (depth first, without recursion: a hostile chain
 * of 50,000 nodes must not exhaust the stack). Edges for which `skip` holds don't count.
 */
export function ordered(
  graph: ReadonlyMap<string, TfNode>,
  roots: readonly string[],
  skip: EdgeFilter = () => false,
): TfNode[] {
  const state = new Map<string, 'open' | 'done'>();
  const order: TfNode[] = [];
  for (const root of roots) {
    const stack = [root];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const node = graph.get(name);
      if (!node || state.get(name) === 'done') {
        stack.pop();
      } else if (state.get(name) === 'open') {
        stack.pop();
        state.set(name, 'done');
        order.push(node);
      } else {
        state.set(name, 'open');
        pushInputs(graph, node, state, stack, skip);
      }
    }
  }
  return order;
}

function pushInputs(
  graph: ReadonlyMap<string, TfNode>,
  node: TfNode,
  state: ReadonlyMap<string, 'open' | 'done'>,
  stack: string[],
  skip: EdgeFilter,
): void {
  for (const input of node.inputs.toReversed()) {
    const from = graph.get(input.node);
    if (!from || skip(from, node)) continue;
    const seen = state.get(input.node);
    if (seen === 'open') throw graphError(`a cycle runs through ${input.node}`, input.node);
    if (seen === undefined) stack.push(input.node);
  }
}
