import { compileParts } from './compile-parts.ts';
import type { ImportReport, SklearnImport } from './compile-parts.ts';
import { SklearnImportError } from './errors.ts';
import type { SklearnImportCode } from './errors.ts';
import type { ImportFile } from './import-sklearn.ts';
import { boosterFormat, readPart } from './read-part.ts';
import type { Inspection } from './reader/inspect/inspect-model-file.ts';
import { inspectModelFile } from './reader/inspect/inspect-model-file.ts';
import type { ReadLimits } from './reader/limits.ts';
import type { Signature, SignatureInput } from './signature.ts';

export interface ExaminedFile extends Omit<Inspection, 'format'> {
  readonly name: string;
  readonly format: Inspection['format'] | 'xgboost' | 'lightgbm';
}

/** A signature in short: lists are cut, vocabularies are counted. */
export interface SignatureSummary extends Pick<Signature, 'task' | 'outputs'> {
  readonly inputs: readonly (Pick<
    SignatureInput,
    'name' | 'dtype' | 'shape' | 'features' | 'allowsMissing'
  > & { readonly categories?: number; readonly vocabulary?: number })[];
  readonly inputCount: number;
  readonly classes?: Signature['classes'];
  readonly classCount?: number;
}

/** Files that belong together, looked at without running any of them. JSON-safe, and never longer than some MB. */
export interface Examination {
  readonly files: readonly ExaminedFile[];
  /** `refused`: a file that is damaged, too large or hostile. `unsupported`: read, but no graph can be made of it. */
  readonly verdict: 'convertible' | 'unsupported' | 'refused';
  readonly problem?: {
    readonly code: SklearnImportCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  readonly conversion?: {
    readonly signature: SignatureSummary;
    readonly report: ImportReport;
    readonly onnxBytes: number;
  };
}

const maxListed = 200;
const maxMessage = 20_000;

/** Says what files are, what is in them, and whether `importSklearn` takes them. A refusal is an answer, not an error. */
export function examineModels(
  files: readonly ImportFile[],
  limits?: Partial<ReadLimits>,
): Examination {
  const examined = files.map((file) => examineFile(file, limits));
  const refused = examined.find(({ verdict }) => verdict === 'refused');
  const [reason] = refused?.reasons ?? [];
  if (reason) return { files: examined, verdict: 'refused', problem: { ...reason, details: {} } };
  try {
    const made = compileParts(files.map((file) => readPart(file, limits)));
    return { files: examined, verdict: 'convertible', conversion: summary(made) };
  } catch (error) {
    if (!(error instanceof SklearnImportError)) throw error;
    const { code, details } = error;
    const message = error.message.slice(0, maxMessage);
    return { files: examined, verdict: 'unsupported', problem: { code, message, details } };
  }
}

function examineFile({ name, bytes }: ImportFile, limits?: Partial<ReadLimits>): ExaminedFile {
  const format = boosterFormat(bytes);
  const found = inspectModelFile(bytes, limits);
  return format === undefined
    ? { name, ...found }
    : { name, ...found, format, inflatedBytes: bytes.length, verdict: 'safe', reasons: [] };
}

function summary({
  onnx,
  signature,
  report,
}: SklearnImport): NonNullable<Examination['conversion']> {
  const { task, inputs, outputs, classes } = signature;
  return {
    signature: {
      task,
      inputs: inputs.slice(0, maxListed).map(shortInput),
      inputCount: inputs.length,
      outputs: outputs.slice(0, maxListed),
      ...(classes && { classes: classes.slice(0, maxListed), classCount: classes.length }),
    },
    report,
    onnxBytes: onnx.length,
  };
}

function shortInput(input: SignatureInput): SignatureSummary['inputs'][number] {
  const { name, dtype, shape, features, allowsMissing, categories, text } = input;
  return {
    name: name.slice(0, maxListed),
    dtype,
    shape,
    ...(features && { features: features.slice(0, maxListed) }),
    allowsMissing,
    ...(categories && { categories: categories.length }),
    ...(text && { vocabulary: text.width }),
  };
}
