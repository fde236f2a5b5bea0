import { basename } from 'node:path';
import type { Command } from 'commander';
import { FoveaError } from '../errors.ts';
import type { ConvertModelOutput } from '../engine/conversion-tasks.ts';
import type { EstimatorTree } from '../import/sklearn/estimator-tree.ts';
import { placeFiles, targetOf } from './convert-target.ts';
import { importCodeOf, withModelReader } from './model-reader.ts';
import { printable, printableJson } from './printable.ts';
import { signatureFile } from './signature-file.ts';
import { signatureLines } from './signature-lines.ts';
import { humanBytes } from './table.ts';

interface Options {
  readonly output?: string;
  readonly signature?: true;
  readonly coupleOutside?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Exit codes beside 0 and 1 (usage, disk): scripts branch on them. */
const refusedExit = 2;

const help = `
Several files that belong together (scaler or vectorizer, model, label encoder) become one graph.
Formats, told by their content: .pkl, .joblib (any compression), .skops, XGBoost .json and .ubj, LightGBM .txt.

The graph is float64 and complete, but for texts: words are counted before the graph, as <output>.signature.json
says, which is then written too. docs/convert.md describes it.

FOVEA_IMPORT_TIMEOUT and FOVEA_IMPORT_MEMORY limit the process that reads the files.
Exit code: 0 written, 1 wrong use or disk, 2 the model is refused (the message begins with a code).`;

export function addConvert(program: Command): void {
  program
    .command('convert')
    .summary('make an ONNX file of a scikit-learn, XGBoost or LightGBM model, offline')
    .description(
      'Reads fitted models as data, runs nothing of them, and writes one ONNX graph that gives the same numbers. Needs no Python, no network and no server.',
    )
    .argument('<files...>', 'the model, or the parts of one')
    .option('-o, --output <file>', 'the ONNX file to write (default: the first file, as .onnx)')
    .option('--signature', 'write <output>.signature.json also when the graph is complete without')
    .option(
      '--couple-outside',
      'leave the last step of a support vector machine’s probabilities to the caller, for faster single rows',
    )
    .option('--force', 'replace files that exist')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(convert);
}

async function convert(paths: readonly string[], options: Options): Promise<void> {
  try {
    await convertFiles(paths, options);
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'MODEL_INVALID') throw error;
    const code = importCodeOf(error);
    const { import_code: _, ...details } = error.details;
    if (options.json)
      process.stdout.write(printableJson({ error: { code, message: error.message, details } }));
    else
      process.stderr.write(
        `fovea: ${code}: ${error.message.split('\n').map(printable).join('\n  ')}\n`,
      );
    process.exitCode = refusedExit;
  }
}

async function convertFiles(paths: readonly string[], options: Options): Promise<void> {
  const target = await targetOf(paths, options);
  try {
    const made = await withModelReader(paths, ({ files, processBytes, run }) =>
      run('convert-model', {
        files,
        processBytes,
        output: target.partial,
        coupleOutside: options.coupleOutside ?? false,
      }),
    );
    const sidecar =
      options.signature || made.signature.coupling || made.signature.inputs.some(({ text }) => text)
        ? signatureFile(made, target.onnx)
        : undefined;
    await placeFiles(target, sidecar, options.force ?? false);
    const signature = sidecar === undefined ? undefined : target.signature;
    process.stdout.write(
      options.json
        ? printableJson({ onnx: target.onnx, signature_file: signature, ...shown(made) })
        : text(made, target.onnx, signature),
    );
  } finally {
    await target.discard();
  }
}

/** Without the vocabularies: they are in the signature file. */
function shown(made: ConvertModelOutput): object {
  const { signature, report, onnxBytes, sha256, convertMs, loadMs, peakBytes } = made;
  const inputs = signature.inputs.map(({ text, ...input }) => ({
    ...input,
    ...(text && { vocabulary: text.width }),
  }));
  return {
    signature: { ...signature, inputs },
    report,
    onnx_bytes: onnxBytes,
    sha256,
    convert_ms: Math.round(convertMs),
    load_ms: Math.round(loadMs),
    peak_bytes: peakBytes,
  };
}

function text(made: ConvertModelOutput, onnx: string, signature: string | undefined): string {
  const { report, onnxBytes, convertMs, loadMs, peakBytes } = made;
  const version =
    report.sklearnVersion === undefined ? '' : `, scikit-learn ${report.sklearnVersion}`;
  const lines = [
    `${onnx}: ${humanBytes(onnxBytes)}, ${report.nodes} nodes, made in ${Math.round(convertMs)} ms with ${humanBytes(peakBytes)} of memory, opened by onnxruntime in ${Math.round(loadMs)} ms`,
    ...(signature === undefined ? [] : [`${signature}: how to call it`]),
    `  of     ${familiesOf(report.estimators).join(', ')}${version}`,
    ...signatureLines(made.signature),
    ...report.warnings.map((warning) => `  note   ${warning}`),
  ];
  if (made.signature.inputs.some((input) => input.text))
    lines.push(
      `  note   texts become numbers before the graph, as ${basename(signature ?? '')} says`,
    );
  if (made.signature.coupling)
    lines.push(
      '  note   probabilities are made of the output pairwise, as the signature file says',
    );
  return `${lines.map(printable).join('\n')}\n`;
}

/** Names of the classes that took part, each once, outermost first. */
function familiesOf(trees: readonly EstimatorTree[]): string[] {
  const names = (tree: EstimatorTree): string[] => [
    tree.class.split('.').at(-1) ?? tree.class,
    ...tree.parts.flatMap(names),
  ];
  return [...new Set(trees.flatMap(names))].slice(0, 40);
}
