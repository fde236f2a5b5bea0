import { FoveaError } from '../errors.ts';
import type { SwappedFaceOutput } from '../protocol/model-manifest.ts';
import { decoderFor } from '../vision/decoders.ts';
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
  embedding: readonly number[],
  model: HostedModel,
  clock: StageClock,
): Promise<Pixels> {
  const { manifest } = model.spec;
  const { input } = manifest;
  const output = swapOutputOf(model);
  const { emap } = model;
  if (emap?.length !== output.size ** 2 || embedding.length !== output.size) {
    throw new FoveaError(
      'MODEL_INVALID',
      `The swapping model ${manifest.name} takes embeddings of ${output.size} values, not ${embedding.length}.`,
      { expected: output.size, found: embedding.length },
    );
  }
  const feeds = await clock.time('preprocess', () => ({
    [input.name]: imageToTensor(reduce(cut, input.width, input.height), input),
    [output.source]: { dims: [1, output.size], data: swapLatent(embedding, emap) },
  }));
  const outputs = await clock.time('inference', () => model.session.run(feeds));
  const [painted] = await clock.time('postprocess', () =>
    decoderFor('face-swap', manifest)(outputs),
  );
  if (painted) return painted;
  throw new FoveaError('MODEL_INVALID', `The swapping model ${manifest.name} painted nothing.`);
}

/** For the warm-up: an embedding that means nobody. */
export function blankEmbedding(model: HostedModel): number[] {
  const { size } = swapOutputOf(model);
  return Array.from({ length: size }, () => 1 / Math.sqrt(size));
}

function swapOutputOf({ spec: { manifest } }: HostedModel): SwappedFaceOutput {
  if (manifest.output.decoder === 'swapped-face') return manifest.output;
  throw new FoveaError(
    'MODEL_INVALID',
    `Model ${manifest.name} has decoder ${manifest.output.decoder}; face-swap needs swapped-face.`,
  );
}
