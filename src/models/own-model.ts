import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportTfjsOutput, TensorShape } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import { modelManifest, type ModelManifest } from '../protocol/model-manifest.ts';
import type { ImportTfjs } from './bring-file.ts';
import type { ModelStore } from './model-store.ts';

/** A TensorFlow.js graph model that somebody brings along, with what its file does not say. */
export interface OwnModel {
  readonly name: string;
  readonly version: string;
  readonly task: 'object-detection' | 'image-classification';
  /** Absolute path; the weights lie beside it. */
  readonly modelJson: string;
  /** In the order of the model's classes. */
  readonly labels: readonly string[];
  /** The node to read; `undefined` is the first output. */
  readonly output: string | undefined;
  /** A pixel value v (0..255) becomes (v - mean) / std. */
  readonly mean: number;
  readonly std: number;
  readonly fit: 'stretch' | 'letterbox';
  readonly activation: 'none' | 'softmax' | 'sigmoid';
  readonly licence: string;
}

/**
 * Converts the model and puts it with a manifest into the models folder. Whether it runs as the
 * manifest says is found out by loading it.
 * @throws FoveaError MODEL_INVALID.
 */
export async function importOwnModel(
  own: OwnModel,
  store: ModelStore,
  importTfjs: ImportTfjs,
): Promise<{ manifest: ModelManifest; warnings: readonly string[] }> {
  await mkdir(store.directory, { recursive: true });
  const partial = join(store.directory, `.${randomUUID()}.partial`);
  try {
    const made = await importTfjs({
      modelJson: own.modelJson,
      target: partial,
      ...(own.output ? { outputs: [own.output] } : {}),
    });
    const manifest = manifestOf(own, made);
    const directory = store.directoryOf(manifest);
    await mkdir(directory, { recursive: true });
    await rename(partial, join(directory, 'model.onnx'));
    await store.ensure(manifest);
    return { manifest, warnings: made.warnings };
  } finally {
    await rm(partial, { force: true });
  }
}

function manifestOf(own: OwnModel, made: ImportTfjsOutput): ModelManifest {
  const [input, ...others] = made.inputs;
  const [output] = made.outputs;
  if (!input || !output || others.length > 0)
    throw invalid(
      `it has ${made.inputs.length} inputs and ${made.outputs.length} outputs; one image input and an output are needed`,
    );
  const { width, height } = imageSize(input);
  const triple = (value: number): [number, number, number] => [value, value, value];
  const parsed = modelManifest.safeParse({
    name: own.name,
    version: own.version,
    task: own.task,
    description: `Imported from a TensorFlow.js graph model: ${own.task}.`,
    files: [
      {
        path: 'model.onnx',
        source: `tfjs:file:${own.modelJson}`,
        sha256: made.sha256,
        bytes: made.bytes,
      },
    ],
    licence: { spdx: own.licence, holder: 'as stated by whoever imported it' },
    origin: 'imported on this machine',
    input: {
      name: input.name,
      layout: 'nhwc',
      width,
      height,
      channels: 'rgb',
      mean: triple(own.mean),
      std: triple(own.std),
      fit: own.fit,
    },
    output:
      own.task === 'object-detection'
        ? { decoder: 'rows', boxes: output.name }
        : { decoder: 'classes', scores: output.name, activation: own.activation },
    ...(own.output ? { import: { outputs: [own.output] } } : {}),
    labels: own.labels,
    thresholds: { score: 0.3, iou: 0.5 },
    group: 'vision',
    load: 'eager',
    warmup: 1,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.') ?? 'the manifest'}: ${issue?.message ?? ''}`);
}

function imageSize({ name, shape, dtype }: TensorShape): { width: number; height: number } {
  const [batch = 0, height = 0, width = 0, channels] = shape;
  if (
    shape.length === 4 &&
    channels === 3 &&
    dtype === 'float32' &&
    height > 0 &&
    width > 0 &&
    Math.abs(batch) === 1
  )
    return { width, height };
  throw invalid(
    `its input ${name} is ${dtype} [${shape.join(', ')}]; float32 [1, height, width, 3] with fixed sides is needed`,
  );
}

function invalid(reason: string): FoveaError {
  return new FoveaError('MODEL_INVALID', `The model cannot be used: ${reason}.`);
}
