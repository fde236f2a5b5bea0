import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type {
  ConvertModelInput,
  ConvertModelOutput,
  ModelFilesInput,
} from '../../engine/conversion-tasks.ts';
import { FoveaError } from '../../errors.ts';
import { SklearnImportError } from '../../import/sklearn/errors.ts';
import { examineModels, type Examination } from '../../import/sklearn/examine-models.ts';
import {
  importSklearn,
  type ImportFile,
  type SklearnImport,
} from '../../import/sklearn/import-sklearn.ts';
import { guardMemory } from '../memory-guard.ts';
import { Session } from '../session.ts';

/** Reads model files, writes their graph, and opens it once in the runtime. @throws FoveaError MODEL_INVALID. */
export async function convertModel(input: ConvertModelInput): Promise<ConvertModelOutput> {
  await guardMemory(input.processBytes);
  const started = performance.now();
  const files = await contentsOf(input);
  const { onnx, signature, report } = converted(files, input.coupleOutside);
  await writeFile(input.output, onnx, { flag: 'wx', flush: true });
  const written = performance.now();
  const session = await Session.open(input.output);
  const loadMs = performance.now() - written;
  await session.release();
  return {
    signature,
    report,
    onnxBytes: onnx.length,
    sha256: createHash('sha256').update(onnx).digest('hex'),
    convertMs: written - started,
    loadMs,
    // The kernel counts KiB, since the process began.
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Says what model files are and hold. What is refused is an answer too. */
export async function examineFiles(input: ModelFilesInput): Promise<Examination> {
  await guardMemory(input.processBytes);
  return examineModels(await contentsOf(input));
}

async function contentsOf({ files }: ModelFilesInput): Promise<ImportFile[]> {
  return await Promise.all(
    files.map(async ({ name, path }) => ({ name, bytes: await readFile(path) })),
  );
}

function converted(files: readonly ImportFile[], coupleOutside: boolean): SklearnImport {
  try {
    return importSklearn(files, { coupleOutside });
  } catch (error) {
    if (!(error instanceof SklearnImportError)) throw error;
    const { code, details } = error;
    throw new FoveaError('MODEL_INVALID', error.message, { ...details, import_code: code }, error);
  }
}
