import type { Command } from 'commander';
import { FoveaError } from '../errors.ts';
import type { Examination } from '../import/sklearn/examine-models.ts';
import { examinationText } from './examination-text.ts';
import { importCodeOf, withModelReader } from './model-reader.ts';
import { printable, printableJson } from './printable.ts';

interface Options {
  readonly json?: true;
}

/** Exit codes beside 0 and 1 (usage): scripts branch on them. */
const exits: Readonly<Record<Examination['verdict'], number>> = {
  convertible: 0,
  unsupported: 2,
  refused: 3,
};

const help = `
Safe to use on files of strangers: nothing in them is ever run, and a process with little memory and time reads them
(FOVEA_IMPORT_TIMEOUT, FOVEA_IMPORT_MEMORY).

Exit code: 0 fovea convert takes it, 1 wrong use, 2 harmless but not convertible,
3 refused (hostile, damaged, too large or no model).`;

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('show what is inside a model file, offline and without running it')
    .description(
      'Prints format, versions, the tree of estimators, every class and function the file names, and whether it can be converted, or why not.',
    )
    .argument(
      '<files...>',
      'a .pkl, .joblib, .skops, XGBoost or LightGBM file, or parts that belong together',
    )
    .option('--json', 'print JSON, with parameters, arrays, opcodes and globals')
    .addHelpText('after', help)
    .action(inspect);
}

async function inspect(paths: readonly string[], options: Options): Promise<void> {
  try {
    const found = await withModelReader(paths, ({ files, processBytes, run }) =>
      run('examine-models', { files, processBytes }),
    );
    process.stdout.write(options.json ? printableJson(found) : examinationText(found));
    process.exitCode = exits[found.verdict];
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'MODEL_INVALID') throw error;
    const code = importCodeOf(error);
    if (options.json)
      process.stdout.write(
        printableJson({
          files: [],
          verdict: 'refused',
          problem: { code, message: error.message, details: {} },
        }),
      );
    else process.stdout.write(`refused: ${code}\n  ${printable(error.message)}\n`);
    process.exitCode = exits.refused;
  }
}
