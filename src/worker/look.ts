import { dirname } from 'node:path';
import type { ModelSpec } from '../engine/messages.ts';
import type { LookInput, OwnLookModel } from '../engine/object-tasks.ts';
import type { AnalyzeOutput } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import { sniffFormat } from '../vision/sniff.ts';
import type { WorkerContext } from './context.ts';
import { classifyImage } from './image-classification.ts';
import { JobModels } from './job-models.ts';
import { guardMemory } from './memory-guard.ts';
import { narrowed } from './narrowed-model.ts';
import { detectObjects } from './object-detection.ts';
import { StageClock } from './stage-clock.ts';

/** More classes than anybody reads. */
const mostClasses = 100;

/** Objects or classes of one image by one model; a user's own is opened when it is not in memory. */
export async function look(
  input: LookInput,
  { models: host, decoded, loaded }: WorkerContext,
  signal: AbortSignal,
): Promise<AnalyzeOutput> {
  const { task, own, options, image } = input;
  const clock = new StageClock();
  const models = new JobModels(host);
  if (own) await guardMemory(own.limits.processBytes);
  const held = own && (await loaded.hold(own.served, own.limits));
  try {
    const found =
      own && held
        ? models.use({ spec: specOf(own), session: held.session })
        : models.need(task, input.model);
    const model = narrowed(found, options);
    const pixels = await clock.time('decode', () =>
      decoded.get(input.imageKey, image, input.limits),
    );
    const format = sniffFormat(image);
    if (!format)
      throw new FoveaError('IMAGE_FORMAT_UNSUPPORTED', 'The content is no image that is known.');
    signal.throwIfAborted();
    const { width, height } = pixels;
    const seen =
      task === 'object-detection'
        ? { objects: await detectObjects(pixels, model, clock) }
        : { classes: await classifyImage(pixels, model, clock, mostClasses) };
    return { format, width, height, ...seen, stages: clock.spent, models: models.references() };
  } finally {
    held?.release();
  }
}

function specOf({ manifest, digest, served }: OwnLookModel): ModelSpec {
  return { manifest, digest, directory: dirname(served.path) };
}
