import type { ModelTask } from '../protocol/model-manifest.ts';
import { type Decoded, decoderFor } from '../vision/decoders.ts';
import type { Pixels } from '../vision/pixels.ts';
import { imagesToTensor } from '../vision/to-tensor.ts';
import type { HostedModel } from './hosted-model.ts';
import type { StageClock } from './stage-clock.ts';

/** Tasks whose models take small pictures of faces or eyes, any number at a time. */
export type FaceTask = Exclude<
  ModelTask,
  | 'face-detection'
  | 'face-swap'
  | 'object-detection'
  | 'image-classification'
  | 'image-text-embedding'
>;

/**
 * Pictures per run, where more save nothing further (bench/results/face-batch.md): the smaller the model, the
 * more of a run is overhead. A batch saves a quarter of the time for liveness and iris, a twentieth for emotion and
 * mesh, and nothing for faceres, whose convolutions keep the processor busy by themselves.
 */
const MOST_PER_RUN: Readonly<Record<FaceTask, number>> = {
  'face-attributes': 1,
  'face-emotion': 4,
  'face-mesh': 4,
  'face-iris': 4,
  'face-liveness': 8,
  'face-embedding': 8,
  'face-landmarks': 4,
};

/** What the model says of each picture, in their order. They are of the input's size. */
export async function runInBatches<T extends FaceTask>(
  task: T,
  { spec, session }: HostedModel,
  pictures: readonly Pixels[],
  clock: StageClock,
): Promise<Decoded[T][number][]> {
  const { manifest } = spec;
  const { input } = manifest;
  const decode = decoderFor(task, manifest);
  const most = Math.min(MOST_PER_RUN[task], input.batch ?? Infinity);
  const found: Decoded[T][number][] = [];
  for (let from = 0; from < pictures.length; from += most) {
    const batch = pictures.slice(from, from + most);
    const tensor = await clock.time('preprocess', () => imagesToTensor(batch, input));
    const outputs = await clock.time('inference', () => session.run({ [input.name]: tensor }));
    // Before the next run, which reuses the memory of the outputs.
    found.push(...(await clock.time('postprocess', () => decode(outputs))));
  }
  return found;
}
