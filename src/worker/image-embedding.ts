import type { EmbedImageInput, EmbedImageOutput } from '../engine/embedding-tasks.ts';
import { decoderFor } from '../vision/decoders.ts';
import { letterbox } from '../vision/letterbox.ts';
import type { Pixels } from '../vision/pixels.ts';
import { imageToTensor } from '../vision/to-tensor.ts';
import type { WorkerContext } from './context.ts';
import type { HostedModel } from './hosted-model.ts';
import { JobModels } from './job-models.ts';
import { StageClock } from './stage-clock.ts';
import { tokenFeeds } from './text-embedding.ts';

/** The picture as a point of the space that it shares with texts. */
export async function embedImageTask(
  input: EmbedImageInput,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<EmbedImageOutput> {
  const clock = new StageClock();
  const models = new JobModels(context.models);
  const model = models.need('image-text-embedding', input.model);
  const pixels = await clock.time('decode', () =>
    context.decoded.get(input.imageKey, input.image, input.limits),
  );
  signal.throwIfAborted();
  const embedding = await embedPicture(pixels, model, clock);
  return { embedding, stages: clock.spent, models: models.references() };
}

/** Of length 1. @throws FoveaError MODEL_INVALID when the model is not what its manifest says */
export async function embedPicture(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
): Promise<Float32Array> {
  const { input, output } = model.spec.manifest;
  const decode = decoderFor('image-text-embedding', model.spec.manifest);
  const tensor = await clock.time('preprocess', async () =>
    imageToTensor((await letterbox(pixels, input)).pixels, input),
  );
  const both = output.decoder === 'image-text' && output.text.file === undefined;
  const idle = both && model.text ? tokenFeeds([''], model.text) : {};
  const outputs = await clock.time('inference', () =>
    model.session.run({ [input.name]: tensor }, idle),
  );
  const [embedding = new Float32Array()] = await clock.time('postprocess', () => decode(outputs));
  return embedding;
}
