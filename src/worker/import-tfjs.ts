import { open, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import type { ImportTfjsInput, ImportTfjsOutput } from '../engine/tasks.ts';
import { importTfjs as convert } from '../import/tfjs/import-tfjs.ts';
import { TfjsImportError } from '../import/tfjs/tfjs-import-error.ts';

const mostBytes = 1024 * 1024 * 1024;
const weightFiles = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

/** Reads the graph model and its weights, converts them, and writes the ONNX file, flushed. @throws FoveaError MODEL_INVALID. */
export async function importTfjs(input: ImportTfjsInput): Promise<ImportTfjsOutput> {
  const modelJson = await readBounded(input.modelJson);
  const shards = new Map<string, Uint8Array>();
  for (const path of shardPaths(modelJson)) {
    shards.set(path, await readBounded(join(dirname(input.modelJson), path)));
  }
  const { onnx, report } = converted(modelJson, shards, input.outputs);
  await write(input.target, onnx);
  const { sha256, inputs, outputs, warnings } = report;
  return { sha256, bytes: onnx.length, inputs, outputs, warnings };
}

/** Weight files lie beside the JSON or below it, nowhere else. What is no manifest is left for the importer to refuse. */
function shardPaths(modelJson: Uint8Array): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(modelJson).toString());
  } catch {
    return [];
  }
  const paths =
    weightFiles.safeParse(parsed).data?.weightsManifest.flatMap((group) => group.paths) ?? [];
  for (const path of paths) {
    if (isAbsolute(path) || normalize(path).startsWith('..')) {
      throw new FoveaError(
        'MODEL_INVALID',
        `The weight file ${JSON.stringify(path)} lies outside the model's folder; put it beside model.json.`,
      );
    }
  }
  return paths;
}

async function readBounded(path: string): Promise<Uint8Array> {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile())
    throw new FoveaError('MODEL_INVALID', `The file ${name} of the model is missing.`);
  if (facts.size > mostBytes)
    throw new FoveaError(
      'MODEL_INVALID',
      `The file ${name} has ${facts.size} bytes; at most ${mostBytes} are read.`,
    );
  return await readFile(path);
}

function converted(
  modelJson: Uint8Array,
  shards: Map<string, Uint8Array>,
  outputs: readonly string[] | undefined,
): ReturnType<typeof convert> {
  try {
    return convert({ modelJson, shards, options: outputs ? { outputs } : {} });
  } catch (error) {
    if (!(error instanceof TfjsImportError)) throw error;
    throw new FoveaError(
      'MODEL_INVALID',
      error.message,
      { ...error.details, import_code: error.code },
      error,
    );
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
