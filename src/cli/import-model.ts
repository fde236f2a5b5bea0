import { readFile, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { FoveaError } from '../errors.ts';
import { importOwnModel, type OwnModel } from '../models/own-model.ts';
import { withLocalInference } from './local-inference.ts';

interface Options extends Pick<OwnModel, 'task' | 'activation' | 'fit' | 'licence'> {
  readonly name?: string;
  readonly modelVersion: string;
  readonly labels: string;
  readonly output?: string;
  readonly range: keyof typeof ranges;
}

/** What a model expects of a pixel value v: (v - mean) / std. */
const ranges = {
  '0..255': { mean: 0, std: 1 },
  '0..1': { mean: 0, std: 255 },
  '-1..1': { mean: 127.5, std: 127.5 },
} as const;

export function addImport(models: Command): void {
  models
    .command('import')
    .summary('bring a TensorFlow.js graph model of your own')
    .description(
      'Converts model.json and the weights beside it to ONNX, tries it, and puts it into the models folder. A running server takes it up with POST /api/v1/setup.',
    )
    .argument('<model.json>', 'a TensorFlow.js graph model')
    .addOption(
      new Option('--task <task>', 'what the model does')
        .choices(['object-detection', 'image-classification'])
        .makeOptionMandatory(),
    )
    .requiredOption('--labels <file>', 'class names, one a line, in the order of the model')
    .option('--name <name>', 'its name from now on (default: that of its folder)')
    .option('--model-version <version>', 'its version', '1')
    .option(
      '--output <node>',
      'the node to read instead of the first output: rows of x1, y1, x2, y2, score, class for a detector, scores for a classifier',
    )
    .addOption(
      new Option('--range <range>', 'pixel values that the model expects')
        .choices(Object.keys(ranges))
        .default('0..1'),
    )
    .addOption(
      new Option('--activation <function>', 'what makes scores of a classifier probabilities')
        .choices(['none', 'softmax', 'sigmoid'])
        .default('none'),
    )
    .addOption(
      new Option('--fit <fit>', 'how a picture meets the input')
        .choices(['stretch', 'letterbox'])
        .default('stretch'),
    )
    .option('--licence <spdx>', 'its licence, for the record', 'unknown')
    .action(importModel);
}

async function importModel(file: string, options: Options): Promise<void> {
  const own = await ownModel(resolve(file), options);
  await withLocalInference(async ({ importTfjs, store, registry }) => {
    const { manifest, warnings } = await importOwnModel(own, store, importTfjs);
    for (const warning of warnings) process.stderr.write(`fovea: ${warning}\n`);
    await registry.discover();
    await registry.prepare(manifest.name);
    await registry.settled(AbortSignal.timeout(120_000));
    const { state, reason, version, digest } = registry.status(manifest.name);
    if (state !== 'ready' || version !== manifest.version) {
      await rm(store.directoryOf(manifest), { recursive: true, force: true });
      throw new FoveaError(
        'MODEL_INVALID',
        `The model was converted but does not do what was said of it: ${(reason ?? `another ${manifest.name} goes first`).replace(/\.$/, '')}. Nothing was kept.`,
      );
    }
    process.stdout.write(
      `${manifest.name} ${version} is in ${store.directoryOf(manifest)} (${own.labels.length} classes, digest ${digest.slice(0, 12)}); it loads and runs.\n`,
    );
  });
}

async function ownModel(modelJson: string, options: Options): Promise<OwnModel> {
  const text = await readFile(options.labels, 'utf8').catch(() => {
    throw new FoveaError('MODEL_INVALID', `The labels file ${options.labels} cannot be read.`);
  });
  const { task, activation, fit, licence, output } = options;
  const name = (options.name ?? basename(resolve(modelJson, '..'))).toLowerCase();
  return {
    name,
    version: options.modelVersion,
    task,
    modelJson,
    labels: text.split(/\r?\n/).filter((line) => line !== ''),
    output,
    ...ranges[options.range],
    fit,
    activation,
    licence,
  };
}
