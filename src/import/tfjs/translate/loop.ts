import type { Value } from '../emit/value.ts';
import { knownInts } from '../emit/emitter.ts';
import { graphError, ordered } from '../graph/tf-graph.ts';
import type { TfNode } from '../graph/tf-graph.ts';
import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import { valueOf } from './translator.ts';
import type { Environment, Translator } from './translator.ts';

/*
 * A while loop of TensorFlow 1 is a frame of nodes:
 *
 *   Enter -> Merge -> (condition) -> LoopCond
 *              |                        |
 *              +-> Switch <-------------+ 0: Exit, the result
 *              |                          1: body -> NextIteration
 *              +<---------------------------------------+
 *
 * ONNX has no such thing. But where the condition folds to a constant at every turn (a map over a batch
 * of known size is one), the body is written out once per turn; any other loop is refused.
 */

export const loopOps: ReadonlySet<string> = new Set([
  'Enter',
  'Merge',
  'Switch',
  'LoopCond',
  'NextIteration',
  'Exit',
]);

/** A loop: its nodes in the order of one turn, without the way back. */
export interface Loop {
  readonly frame: string;
  readonly nodes: readonly TfNode[];
}

/** The edge from a turn of a loop to the next, which the order of nodes leaves out. */
function isWayBack(from: TfNode, to: TfNode): boolean {
  return from.op === 'NextIteration' && to.op === 'Merge';
}

/** The loops that `roots` need, nodes of a loop named by frame. Loops inside of loops are refused. */
export function findLoops(
  graph: ReadonlyMap<string, TfNode>,
  order: readonly TfNode[],
): ReadonlyMap<string, Loop> {
  const frameOf = new Map<string, string>();
  for (const node of order) {
    const inherited = node.inputs.flatMap((ref) => {
      const from = graph.get(ref.node);
      const frame =
        from && from.op !== 'Exit' && !isWayBack(from, node) ? frameOf.get(from.name) : undefined;
      return frame === undefined ? [] : [frame];
    });
    const frames = new Set(inherited);
    if (node.op === 'Enter') {
      if (frames.size > 0) throw controlFlow([node], 'a loop inside of a loop');
      frames.add(node.attrs.text('frame_name', ''));
    }
    if (frames.size > 1) throw controlFlow([node], 'two loops that meet');
    for (const frame of frames) frameOf.set(node.name, frame);
  }
  return collect(graph, order, frameOf);
}

/** A body may read nodes only by way of the loop: its way back can need ones that no output needs. */
function collect(
  graph: ReadonlyMap<string, TfNode>,
  order: readonly TfNode[],
  frameOf: Map<string, string>,
): ReadonlyMap<string, Loop> {
  const loops = new Map<string, Loop>();
  for (const frame of new Set(frameOf.values())) {
    const nodes = order.filter((node) => frameOf.get(node.name) === frame);
    for (const node of nodes) {
      const back = node.inputs.find((ref) => graph.get(ref.node)?.op === 'NextIteration');
      if (node.op === 'Merge' && back && !frameOf.has(back.node)) {
        throw graphError(`the way back of ${node.name} is not part of its loop`, node.name);
      }
    }
    loops.set(frame, { frame, nodes });
  }
  return loops;
}

/** Every node that the outputs and the loops' ways back need, in an order that fits one turn. */
export function orderWithLoops(
  graph: ReadonlyMap<string, TfNode>,
  roots: readonly string[],
): TfNode[] {
  let order = ordered(graph, roots, isWayBack);
  for (;;) {
    const present = new Set(order.map((node) => node.name));
    const missing = order
      .filter((node) => node.op === 'Merge')
      .flatMap((node) => node.inputs.map((ref) => ref.node))
      .filter((name) => !present.has(name));
    if (missing.length === 0) return order;
    order = ordered(graph, [...roots, ...present, ...missing], isWayBack);
  }
}

/** Writes the loop out, turn by turn, and leaves the values of its Exits in `env`. */
export function unrollLoop(
  loop: Loop,
  env: Environment,
  translator: Translator,
  limits: TfjsLimits,
): void {
  const conditions = loop.nodes.filter((node) => node.op === 'LoopCond');
  const [condition, second] = conditions;
  if (!condition || second) throw controlFlow(loop.nodes.filter(isControl), 'no single condition');
  const decides = ancestors(loop, condition);
  const inner: Environment = new Map(env);
  let carried = new Map<string, Value>();
  for (let turn = 0; turn <= limits.loopIterations; turn += 1) {
    for (const node of loop.nodes.filter((n) => decides.has(n.name)))
      step(node, inner, translator, carried);
    if (!isTrue(condition, inner)) return leave(loop, inner, env, carried);
    const rest = loop.nodes.filter((node) => !decides.has(node.name) && node.op !== 'Exit');
    for (const node of rest) step(node, inner, translator, carried);
    carried = nextTurn(loop, inner);
  }
  throw controlFlow([condition], `more than ${limits.loopIterations} turns`);
}

function isControl(node: TfNode): boolean {
  return loopOps.has(node.op);
}

function step(
  node: TfNode,
  env: Environment,
  translator: Translator,
  carried: ReadonlyMap<string, Value>,
): void {
  const value = (index: number): Value => {
    const ref = node.inputs[index];
    if (!ref) throw graphError(`${node.name} lacks an input`, node.name);
    return valueOf(ref, env, node.name);
  };
  if (node.op === 'Merge') env.set(node.name, [carried.get(node.name) ?? value(0)]);
  else if (node.op === 'Switch') env.set(node.name, [value(0), value(0)]);
  else if (isControl(node)) env.set(node.name, [value(0)]);
  else translator.translate(node, env);
}

function isTrue(condition: TfNode, env: Environment): boolean {
  const value = env.get(condition.name)?.[0];
  const known = value && knownInts(value);
  if (known?.length === 1) return known[0] !== 0;
  throw controlFlow([condition], 'the condition of a loop depends on the data');
}

/** What each Merge starts the next turn with. */
function nextTurn(loop: Loop, env: Environment): Map<string, Value> {
  const carried = new Map<string, Value>();
  for (const node of loop.nodes) {
    const back = node.inputs[1];
    if (node.op === 'Merge' && back) carried.set(node.name, valueOf(back, env, node.name));
  }
  return carried;
}

function leave(
  loop: Loop,
  inner: Environment,
  env: Environment,
  carried: ReadonlyMap<string, Value>,
): void {
  const byName = new Map(loop.nodes.map((node) => [node.name, node]));
  for (const node of loop.nodes) {
    if (node.op !== 'Exit') continue;
    const merge = byName.get(byName.get(node.inputs[0]?.node ?? '')?.inputs[0]?.node ?? '');
    const start = merge?.inputs[0];
    if (merge?.op !== 'Merge' || !start)
      throw graphError(`${node.name} does not leave a loop`, node.name);
    env.set(node.name, [carried.get(merge.name) ?? valueOf(start, inner, node.name)]);
  }
}

function ancestors(loop: Loop, condition: TfNode): ReadonlySet<string> {
  const needed = new Set([condition.name]);
  for (const node of loop.nodes.toReversed()) {
    if (!needed.has(node.name)) continue;
    for (const ref of node.op === 'Merge' ? node.inputs.slice(0, 1) : node.inputs)
      needed.add(ref.node);
  }
  return needed;
}

export function controlFlow(nodes: readonly TfNode[], problem: string): TfjsImportError {
  const listed = nodes.slice(0, 100).map((node) => ({ op: node.op, node: node.name }));
  const names = listed.slice(0, 20).map(({ op, node }) => `${op} (${node})`);
  return new TfjsImportError(
    'TFJS_CONTROL_FLOW',
    `The model has control flow that the importer cannot write out: ${problem}. It is: ${names.join(', ')}. ` +
      'Export the model with a fixed batch size, or without the part that loops.',
    { nodes: listed },
  );
}
