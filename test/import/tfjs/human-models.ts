import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { InputReport } from '../../../src/import/tfjs/import-report.ts';
import type { Backend, Flat } from './oracle.ts';

/** A model that @vladmandic/human ships, and how that package feeds it (`src/` of the package). */
export interface HumanModel {
  readonly name: string;
  /** Pixel value v (0..255) becomes (v - mean) / std. */
  readonly mean: number;
  readonly std: number;
  /** The back end of TensorFlow.js that the results are held against. */
  readonly backend: Backend;
}

const model = (name: string, mean: number, std: number, backend: Backend = 'wasm'): HumanModel => ({
  name,
  mean,
  std,
  backend,
});

export const humanModels: readonly HumanModel[] = [
  model('centernet', 0, 1),
  model('faceres', 0, 1),
  model('emotion', 127.5, 127.5),
  model('facemesh', 0, 255),
  model('iris', 0, 255),
  model('liveness', 0, 255),
  model('antispoof', 0, 255),
  model('movenet-lightning', 0, 1),
  model('blazeface', 127.5, 127.5),
  model('handlandmark-lite', 0, 255),
  // The WASM and CPU back ends disagree about this one's NonMaxSuppressionV5 (4 hits against 100).
  model('handtrack', 0, 1, 'cpu'),
];

/** The package exports its bundle in `dist/` only; the models lie beside it. */
const entry = createRequire(import.meta.url).resolve('@vladmandic/human');
export const humanModelFolder = join(dirname(entry), '../models');

export async function readHumanModel(name: string) {
  const [json, weights] = await Promise.all(
    ['json', 'bin'].map((extension) => readFile(join(humanModelFolder, `${name}.${extension}`))),
  );
  return { json: json ?? Buffer.alloc(0), weights: weights ?? Buffer.alloc(0) };
}

export const photos = ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg'] as const;

/** A photo of the repository, stretched to the model's input. */
export async function photoFor(
  model: HumanModel,
  input: InputReport,
  photo: string,
): Promise<Flat> {
  const [, height = 1, width = 1, channels = 3] = input.shape;
  const pixels = await sharp(join(import.meta.dirname, '../../../photos', photo))
    .removeAlpha()
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  const shape = [1, height, width, channels];
  if (input.dtype === 'int32') return { dtype: 'int32', shape, data: Int32Array.from(pixels) };
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from(pixels, (v) => (v - model.mean) / model.std),
  };
}
