import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../errors.ts';
import { importOnnx, type OnnxImport } from '../../import/onnx/import-onnx.ts';
import { ModelRefusal } from '../../import/onnx/model-refusal.ts';
import { OnnxFormatError } from '../../onnx/onnx-format-error.ts';
import { carriedSignature } from './carried-signature.ts';
import type { Converted, Importer, SignatureHints, SourceFiles } from './importer.ts';
import { servedBySignature } from './served-by-signature.ts';

/** The format itself ends there: protocol buffers count with 31 bits. */
const mostBytes = 2 ** 31 - 1;

export const onnxImporter: Importer = {
  format: 'onnx',
  extensions: ['.onnx'],
  // The first field of a model is its version of the format, a number (onnx.proto).
  recognises: (head) => head[0] === 0x08,
  convert: convertOnnx,
};

async function convertOnnx(files: SourceFiles): Promise<Converted> {
  const [file] = files;
  if (!file || files.length > 1)
    throw invalid('An ONNX model is one file; save it with its weights inside.');
  const { size } = await stat(file.path);
  if (size > mostBytes) throw invalid(`An ONNX file has at most ${mostBytes} bytes, not ${size}.`);
  const found = read(await readFile(file.path));
  const model = found.edited ?? { path: file.path };
  const report = {
    producer: found.producer,
    opsets: found.opsets,
    nodes: found.nodes,
    zipmap_removed: found.edited !== undefined,
  };
  const carried = carriedSignature(found.metadata, found.declared);
  if (carried)
    return {
      ...servedBySignature(carried.signature, found.model, model),
      metadata: found.metadata,
      report: {
        ...report,
        task: carried.signature.task,
        sklearn_version: carried.sklearnVersion ?? null,
      },
    };
  return {
    model,
    declared: found.declared,
    hints: { ...metadataHints(found.metadata), ...graphHints(found) },
    metadata: found.metadata,
    report,
  };
}

function read(bytes: Uint8Array): OnnxImport {
  try {
    return importOnnx(bytes);
  } catch (error) {
    if (error instanceof ModelRefusal) throw invalid(error.message, error.details);
    if (error instanceof OnnxFormatError)
      throw invalid(
        `The file is no ONNX model that can be read: ${error.message} Export it again and send the whole file.`,
        { reason: error.code },
      );
    throw error;
  }
}

function graphHints({ classes, probabilities }: OnnxImport): SignatureHints {
  return { ...(classes ? { classes } : {}), ...(probabilities ? { probabilities } : {}) };
}

const names = z.array(z.string().max(200)).max(100_000);
const unusedColumns = z
  .array(z.object({ name: z.string().max(200), at: z.int().min(0).max(100_000) }))
  .max(100_000);
const labels = z.array(z.union([z.string(), z.number(), z.boolean()])).max(100_000);

/** Keys that any exporter may write into the file's metadata: JSON under `fovea.features`, `.unused`, `.classes`, `.nullable`. */
function metadataHints(metadata: ReadonlyMap<string, string>): SignatureHints {
  return {
    features: parsed(metadata.get('fovea.features'), names),
    unused: parsed(metadata.get('fovea.unused'), unusedColumns),
    classes: parsed(metadata.get('fovea.classes'), labels),
    nullable: parsed(metadata.get('fovea.nullable'), z.boolean()),
  };
}

function parsed<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined || text.length > 5_000_000 || text.includes('\\u0000')) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function invalid(message: string, details: Readonly<Record<string, unknown>> = {}): FoveaError {
  return new FoveaError('MODEL_INVALID', message, details);
}
