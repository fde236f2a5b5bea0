import { FoveaError } from '../errors.ts';
import type { SwapSource } from '../engine/face-tasks.ts';
import type { SwappedFaceOutput } from '../protocol/model-manifest.ts';
import { decoderFor } from '../vision/decoders.ts';
import { outputRows } from '../vision/output-tensor.ts';
import type { Pixels } from '../vision/pixels.ts';
import { swapLatent } from '../vision/swap-latent.ts';
import { imageToTensor } from '../vision/to-tensor.ts';
import { reduce } from '../vision/reduce.ts';
import type { HostedModel } from './hosted-model.ts';
import type { StageClock } from './stage-clock.ts';

/**
 * The face of `embedding` painted in the place of the one on the cut.
 * @param cut of the input's size, or larger
 * @throws FoveaError MODEL_INVALID when model, matrix and embedding do not go together
 */
export async function paintFace(
  cut: Pixels,
  { embedding, norm }: SwapSource,
  model: HostedModel,
  clock: StageClock,
): Promise<Pixels> {
  const { manifest } = model.spec;
  const { input } = manifest;
  const output = swapOutputOf(model);
  if (embedding.length !== output.size) {
    throw new FoveaError(
      'MODEL_INVALID',
      `The swapping model ${manifest.name} takes embeddings of ${output.size} values, not ${embedding.length}.`,
      { expected: output.size, found: embedding.length },
    );
  }
  const latent = await latentOf({ embedding, norm }, model, output, clock);
  const feeds = await clock.time('preprocess', () => ({
    [input.name]: imageToTensor(reduce(cut, input.width, input.height), input),
    [output.source]: { dims: [1, latent.length], data: latent },
  }));
  const outputs = await clock.time('inference', () => model.session.run(feeds));
  const [painted] = await clock.time('postprocess', () =>
    decoderFor('face-swap', manifest)(outputs),
  );
  if (painted) return painted;
  throw new FoveaError('MODEL_INVALID', `The swapping model ${manifest.name} painted nothing.`);
}

/** @throws FoveaError MODEL_INVALID when the model has neither matrix nor converter of its size */
async function latentOf(
  { embedding, norm }: SwapSource,
  { emap, converter, spec }: HostedModel,
  { size, converter: names }: SwappedFaceOutput,
  clock: StageClock,
): Promise<Float32Array> {
  if (emap?.length === size ** 2) return swapLatent(embedding, emap);
  if (converter && names) {
    const data = Float32Array.from(embedding, (value) => value * norm);
    const outputs = await clock.time('inference', () =>
      converter.run({ [names.input]: { dims: [1, size], data } }),
    );
    const [latent] = outputRows(outputs, names.output, size);
    // A copy: outputs are valid until the next run.
    if (latent) return latent.slice();
  }
  throw new FoveaError(
    'MODEL_INVALID',
    `The swapping model ${spec.manifest.name} has neither a matrix nor a converter for embeddings of ${size} values.`,
  );
}

/** For the warm-up: an embedding that means nobody. */
export function blankSource(model: HostedModel): SwapSource {
  const { size } = swapOutputOf(model);
  return { embedding: Array.from({ length: size }, () => 1 / Math.sqrt(size)), norm: 1 };
}

function swapOutputOf({ spec: { manifest } }: HostedModel): SwappedFaceOutput {
  if (manifest.output.decoder === 'swapped-face') return manifest.output;
  throw new FoveaError(
    'MODEL_INVALID',
    `Model ${manifest.name} has decoder ${manifest.output.decoder}; face-swap needs swapped-face.`,
  );
}
