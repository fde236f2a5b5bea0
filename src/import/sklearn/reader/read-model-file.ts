import { SklearnImportError } from '../errors.ts';
import type { PyValue } from '../records.ts';
import { decompress, detectCompression } from './compression/decompress.ts';
import type { Compression } from './compression/decompress.ts';
import { Deadline } from './deadline.ts';
import { readLimits } from './limits.ts';
import type { ReadLimits } from './limits.ts';
import { isNpy, readNpy } from './npy/read-npy.ts';
import type { NamedGlobal } from './globals/allowed.ts';
import { scanPickle } from './read-pickle.ts';
import { isZip, readSkops } from './skops/read-skops.ts';
import { sklearnVersions } from './versions.ts';

export type ModelFormat = 'pickle' | 'joblib' | 'skops' | 'npy';

/** A model file, read. */
export interface ModelFile {
  readonly root: PyValue;
  readonly format: ModelFormat;
  readonly compression: Compression | undefined;
  /** Highest pickle protocol declared; 0 for none. */
  readonly protocol: number;
  /** All that the file names, all of it allowed. */
  readonly globals: readonly NamedGlobal[];
  /** Versions of scikit-learn that its estimators were made with; more than one when old parts were kept. */
  readonly sklearnVersions: readonly string[];
  readonly opcodes: Readonly<Record<string, number>>;
  readonly inflatedBytes: number;
  readonly arrays: number;
  readonly arrayBytes: number;
}

/** What was found in a file, also when it is refused: then there is a `problem`. */
export interface ModelScan extends Omit<ModelFile, 'root' | 'format'> {
  readonly root?: PyValue;
  readonly format?: ModelFormat;
  readonly problem?: SklearnImportError;
}

/**
 * Reads a scikit-learn model of any supported format, told by its content. Nothing of the file is ever called or looked up.
 * @param bytes views of it are kept: it must not change afterwards
 * @throws SklearnImportError
 */
export function readModelFile(bytes: Uint8Array, limits?: Partial<ReadLimits>): ModelFile {
  const { root, format, problem, ...found } = scanModelFile(bytes, limits);
  if (problem) throw problem;
  if (root === undefined || format === undefined) throw unknownFormat(bytes);
  return { root, format, ...found };
}

/** As `readModelFile`, but a refusal comes back with what was found until then. */
export function scanModelFile(bytes: Uint8Array, given?: Partial<ReadLimits>): ModelScan {
  const limits = readLimits(given);
  const deadline = new Deadline(limits.milliseconds);
  const compression = detectCompression(bytes);
  const empty = {
    compression,
    protocol: 0,
    globals: [],
    sklearnVersions: [],
    opcodes: {},
    inflatedBytes: 0,
    arrays: 0,
    arrayBytes: 0,
  };
  try {
    if (bytes.length > limits.inputBytes)
      throw new SklearnImportError(
        'INPUT_LIMIT',
        `the file has ${bytes.length} bytes, at most ${limits.inputBytes} are read`,
        { limit: 'inputBytes', allowed: limits.inputBytes },
      );
    // A Buffer's `slice` shares memory and a Uint8Array's does not: from here on it is the latter.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const inflated = compression ? decompress(plain, compression, limits, deadline) : plain;
    return {
      ...empty,
      inflatedBytes: inflated.length,
      ...scanInflated(inflated, limits, deadline),
    };
  } catch (error) {
    return { ...empty, problem: asProblem(error) };
  }
}

type Found = Partial<ModelScan>;

function scanInflated(bytes: Uint8Array, limits: ReadLimits, deadline: Deadline): Found {
  if (isZip(bytes)) return withVersions({ format: 'skops', ...readSkops(bytes, limits, deadline) });
  if (isNpy(bytes)) {
    const root = readNpy(bytes);
    return { root, format: 'npy', arrays: 1, arrayBytes: root.bytes.length };
  }
  if (bytes.length < 2 || !looksLikePickle(bytes)) throw unknownFormat(bytes);
  const scan = scanPickle(bytes, limits, deadline);
  const joblib = scan.globals.some((g) => g.name === 'NumpyArrayWrapper' && g.allowed);
  return withVersions({ format: joblib ? 'joblib' : 'pickle', ...scan });
}

function withVersions(found: Found): Found {
  return found.root === undefined
    ? found
    : { ...found, sklearnVersions: sklearnVersions(found.root) };
}

/** Protocol 2 and up begin with PROTO; 0 and 1 with MARK, a container, a global or an atom. */
function looksLikePickle(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  if (first === 0x5a && bytes[1] === 0x46)
    throw new SklearnImportError(
      'JOBLIB_SIDE_FILES',
      'a compressed file of joblib below 0.10; load it and save it again with joblib 0.10 or newer',
    );
  return (
    first === 0x80 ||
    '(})]cINJKMGFUVSXLTBC.Pi'.includes(String.fromCharCode(first)) ||
    (first >= 0x81 && first <= 0x98)
  );
}

function unknownFormat(bytes: Uint8Array): SklearnImportError {
  return new SklearnImportError(
    'FORMAT_UNKNOWN',
    beginsLikeOnnx(bytes)
      ? 'it begins like an ONNX model, which needs no conversion; upload it as it is'
      : 'the bytes are no pickle, joblib file, skops archive or .npy array',
  );
}

/** The first field of a model is its version of the format, a small number (onnx.proto). */
function beginsLikeOnnx([tag = 0, version = 0]: Uint8Array): boolean {
  return tag === 0x08 && version > 0 && version < 32;
}

/** Sizes that JavaScript itself refuses come as RangeError. Anything else that is not ours is a defect, and stays one. */
function asProblem(error: unknown): SklearnImportError {
  if (error instanceof SklearnImportError) return error;
  if (error instanceof RangeError)
    return new SklearnImportError(
      'PICKLE_LIMIT',
      `the file needs more memory than there is: ${error.message}`,
      {},
      error,
    );
  throw error;
}
