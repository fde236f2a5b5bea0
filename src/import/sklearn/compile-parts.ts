import { chainOf } from './bundle.ts';
import type { Part, PartRole } from './bundle.ts';
import { compileChain, opsets } from './compile-chain.ts';
import { SklearnImportError } from './errors.ts';
import { estimatorTree } from './estimator-tree.ts';
import type { EstimatorTree } from './estimator-tree.ts';
import { predicts } from './predicts.ts';
import { Refusal } from './refusal.ts';
import type { Problem } from './refusal.ts';
import type { Signature } from './signature.ts';
import { unsupportedParts } from './unsupported-parts.ts';

/** Changes whenever the same file could give another graph. */
const importerVersion = 1;

export interface ImportReport {
  /** What each file is for, in the order in which they are used. */
  readonly roles: readonly PartRole[];
  readonly estimators: readonly EstimatorTree[];
  /** Undefined for files of XGBoost and LightGBM. */
  readonly sklearnVersion: string | undefined;
  readonly opset: number;
  readonly nodes: number;
  readonly warnings: readonly string[];
  readonly importerVersion: number;
}

export interface SklearnImport {
  readonly onnx: Uint8Array;
  readonly signature: Signature;
  readonly report: ImportReport;
}

/**
 * Estimators that were read, as one graph.
 * @throws SklearnImportError ESTIMATOR_UNSUPPORTED with all `problems` in its details
 */
export function compileParts(parts: readonly Part[], coupleOutside = false): SklearnImport {
  try {
    return compiled(parts, coupleOutside);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const told = new Set(error.problems.map((problem) => problem.class));
    const others = parts
      .flatMap(({ model }) => unsupportedParts(model.record, model.place))
      .filter((problem) => !told.has(problem.class));
    throw unsupported([...error.problems, ...others]);
  }
}

function compiled(parts: readonly Part[], coupleOutside: boolean): SklearnImport {
  const chain = chainOf(parts, predicts);
  const { onnx, signature, nodes, warnings } = compileChain(chain, coupleOutside);
  const estimators = parts.map(({ model }) => estimatorTree(model.record, model.place));
  const opset = opsets.get('') ?? 0;
  return {
    onnx,
    signature,
    report: {
      roles: chain.roles,
      estimators,
      sklearnVersion: chain.version,
      opset,
      nodes,
      warnings,
      importerVersion,
    },
  };
}

function unsupported(problems: readonly Problem[]): SklearnImportError {
  const lines = problems.map((p) => `${p.class} at ${p.place}: ${p.reason}; ${p.advice}`);
  return new SklearnImportError('ESTIMATOR_UNSUPPORTED', lines.join('\n'), { problems });
}
