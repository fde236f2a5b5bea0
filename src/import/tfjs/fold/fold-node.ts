import type { Constant, Elements } from '../graph/constant.ts';
import { toConstant } from '../graph/constant.ts';
import type { TfNode } from '../graph/tf-graph.ts';
import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import type { Value } from '../emit/value.ts';
import { NotKnown } from './folder.ts';
import type { FoldCall } from './folder.ts';
import { foldTable, foldsPartly, isFoldable } from './table.ts';

/** What can be said about a node's outputs before any run. */
export interface Folded {
  /** All elements, where all are known. */
  readonly constant?: Constant;
  /** A small int32 tensor with NaN for what is not. */
  readonly dims?: readonly number[];
}

/** Adds up what folding has produced, so that many small steps stay bounded as well. */
export interface FoldBudget {
  used: number;
}

/** Computes the node from its inputs' known elements, or gives undefined where too little is known. */
export function foldNode(
  node: TfNode,
  inputs: readonly Value[],
  limits: TfjsLimits,
  budget: FoldBudget,
): readonly Folded[] | undefined {
  if (!isFoldable(node.op) || inputs.length === 0) return undefined;
  const constant = inputs.every((value) => value.constant !== undefined);
  if (!constant && !foldsPartly.has(node.op)) return undefined;
  const elements = inputs.map(elementsOf);
  if (!elements.every((x) => x !== undefined)) return undefined;
  const results = evaluate({
    name: node.name,
    op: node.op,
    attrs: node.attrs,
    inputs: elements,
    limits,
  });
  if (!results) return undefined;
  budget.used += results.reduce((sum, result) => sum + result.data.length, 0);
  if (budget.used > limits.foldedTotal) {
    throw new TfjsImportError(
      'TFJS_LIMIT',
      `Constants fold to more than ${limits.foldedTotal} elements.`,
    );
  }
  return constant
    ? results.map((result) => ({ constant: toConstant(result) }))
    : results.map(partly);
}

function elementsOf(value: Value): Elements | undefined {
  if (value.constant) return value.constant;
  return value.dims ? { dtype: value.dtype, shape: value.shape, data: value.dims } : undefined;
}

function evaluate(call: FoldCall): readonly Elements[] | undefined {
  if (!isFoldable(call.op)) return undefined;
  try {
    return foldTable[call.op](call);
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

function partly(result: Elements): Folded {
  const dims = Array.from(result.data, (value) => (Number.isFinite(value) ? value : Number.NaN));
  if (!dims.some(Number.isNaN)) return { constant: toConstant({ ...result, data: dims }) };
  return result.dtype === 'int32' && dims.length <= 64 ? { dims } : {};
}
