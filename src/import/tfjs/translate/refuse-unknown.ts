import type { TfNode } from '../graph/tf-graph.ts';
import { isKnownOp } from '../ops/table.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import { controlFlow, loopOps } from './loop.ts';

/** Control flow of TensorFlow 2, and the parts of TensorFlow 1's that are never written out. */
const functional: ReadonlySet<string> = new Set([
  'While',
  'StatelessWhile',
  'If',
  'StatelessIf',
  'Case',
  'StatelessCase',
  'For',
  'PartitionedCall',
  'StatefulPartitionedCall',
  'TensorArrayV3',
  'TensorArrayReadV3',
  'TensorArrayWriteV3',
  'TensorArrayGatherV3',
  'TensorArrayScatterV3',
  'TensorArraySizeV3',
]);

/** Const and Placeholder are sources, NoOp has no outputs to translate. */
const sources: ReadonlySet<string> = new Set(['Const', 'Placeholder']);

/** Refuses control flow and unknown operations, each with all of its nodes at once. */
export function refuseUnknown(nodes: readonly TfNode[]): void {
  const flow = nodes.filter((node) => functional.has(node.op));
  if (flow.length > 0) throw controlFlow(flow, 'calls of functions');
  const hasLoop = nodes.some((node) => node.op === 'LoopCond');
  const strays = nodes.filter((node) => loopOps.has(node.op));
  if (!hasLoop && strays.length > 0)
    throw controlFlow(strays, 'branches whose course depends on the data');
  const unknown = nodes.filter((n) => !isKnownOp(n.op) && !sources.has(n.op) && !loopOps.has(n.op));
  if (unknown.length === 0) return;
  const listed = unknown.slice(0, 500).map((node) => ({ op: node.op, node: node.name }));
  const text = listed.slice(0, 50).map(({ op, node }) => `${op} (${node})`);
  throw new TfjsImportError(
    'TFJS_OP_UNSUPPORTED',
    `${unknown.length} nodes are of operations that are not imported: ${text.join(', ')}` +
      `${unknown.length > text.length ? '…' : ''}.`,
    { operations: [...new Set(listed.map(({ op }) => op))], nodes: listed },
  );
}
