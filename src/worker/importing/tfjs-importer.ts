import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../errors.ts';
import { importOnnx } from '../../import/onnx/import-onnx.ts';
import { importTfjs } from '../../import/tfjs/import-tfjs.ts';
import { TfjsImportError } from '../../import/tfjs/tfjs-import-error.ts';
import type { Converted, Importer, SourceFiles } from './importer.ts';

const graphModel = /^\s*\{[^]*"format"\s*:\s*"graph-model"/;

/** TensorFlow.js graph models: `model.json` and its weight files, converted to ONNX. */
export const tfjsImporter: Importer = {
  format: 'tfjs',
  // The JSON of other models has the same ending: what is in it decides.
  extensions: [],
  recognises: () => false,
  recognisesTogether: (files) =>
    files.some(({ head }) => graphModel.test(Buffer.from(head).toString('latin1'))) &&
    files.every(({ name }) => /\.(json|bin)$/.test(name)),
  convert: convertTfjs,
};

async function convertTfjs(files: SourceFiles): Promise<Converted> {
  const json = files.filter(({ name }) => name.toLowerCase().endsWith('.json'));
  const [modelJson] = json;
  if (!modelJson || json.length > 1)
    throw new FoveaError(
      'MODEL_INVALID',
      `A TensorFlow.js graph model is one JSON file with its weights, not ${json.length}.`,
    );
  const shards = new Map<string, Uint8Array>();
  for (const { name, path } of files)
    if (path !== modelJson.path) shards.set(name, await readFile(path));
  const { onnx, report } = converted(await readFile(modelJson.path), shards);
  const { declared } = importOnnx(onnx);
  return {
    format: 'tfjs',
    model: onnx,
    declared,
    hints: {},
    report: {
      nodes: report.nodes,
      opset: report.opset,
      notes: report.warnings,
      importer_version: report.importerVersion,
    },
  };
}

function converted(
  modelJson: Uint8Array,
  shards: ReadonlyMap<string, Uint8Array>,
): ReturnType<typeof importTfjs> {
  try {
    return importTfjs({ modelJson, shards });
  } catch (error) {
    if (!(error instanceof TfjsImportError)) throw error;
    const details = { ...error.details, import_code: error.code };
    throw new FoveaError('MODEL_INVALID', error.message, details, error);
  }
}
