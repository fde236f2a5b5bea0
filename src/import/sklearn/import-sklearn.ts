import { chainOf } from './bundle.ts';
import type { Part } from './bundle.ts';
import { compileChain, opsets } from './compile-chain.ts';
import { SklearnImportError } from './errors.ts';
import { estimatorTree } from './estimator-tree.ts';
import type { EstimatorTree } from './estimator-tree.ts';
import { predicts } from './predicts.ts';
import { readPart } from './read-part.ts';
import type { ReadLimits } from './reader/limits.ts';
import { Refusal } from './refusal.ts';
import type { Problem } from './refusal.ts';
import type { Signature } from './signature.ts';

/** Changes whenever the same file could give another graph. */
const importerVersion = 1;

export interface ImportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ImportOptions {
  /** What reading each file may cost. */
  readonly limits?: Partial<ReadLimits>;
}

export interface ImportReport {
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

/** Files of one upload; a model, what prepares its input, and the encoder of its labels may be apart. */
const maxFiles = 16;

/**
 * Fitted models of scikit-learn, XGBoost and LightGBM as one ONNX graph in float64, without Python and
 * without running anything of them.
 * @throws SklearnImportError: the reader's, or ESTIMATOR_UNSUPPORTED with all `problems` in its details
 */
export function importSklearn(
  files: readonly ImportFile[],
  options: ImportOptions = {},
): SklearnImport {
  if (files.length === 0 || files.length > maxFiles)
    throw new SklearnImportError(
      'MODEL_INVALID',
      `there are ${files.length} files, between 1 and ${maxFiles} are needed`,
    );
  const parts = files.map((file) => readPart(file, options.limits));
  try {
    return compiled(parts);
  } catch (error) {
    throw error instanceof Refusal ? unsupported(error.problems) : error;
  }
}

function compiled(parts: readonly Part[]): SklearnImport {
  const chain = chainOf(parts, predicts);
  const { onnx, signature, nodes, warnings } = compileChain(chain);
  const estimators = parts.map(({ model }) => estimatorTree(model.record, model.place));
  const [sklearnVersion] = parts.flatMap(({ version }) => version ?? []);
  const opset = opsets.get('') ?? 0;
  return {
    onnx,
    signature,
    report: { estimators, sklearnVersion, opset, nodes, warnings, importerVersion },
  };
}

function unsupported(problems: readonly Problem[]): SklearnImportError {
  const lines = problems.map((p) => `${p.class} at ${p.place}: ${p.reason}; ${p.advice}`);
  return new SklearnImportError('ESTIMATOR_UNSUPPORTED', lines.join('\n'), { problems });
}
