import type { DetectedObject } from '../protocol/object.ts';
import { decoderFor } from '../vision/decoders.ts';
import { boxesInSource } from '../vision/detections-in-source.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { HostedModel } from './hosted-model.ts';
import { roundedObject } from './rounded-object.ts';
import { runOnImage } from './run-on-image.ts';
import type { StageClock } from './stage-clock.ts';

/** Every object of the picture that reaches the model's threshold, best first. */
export async function detectObjects(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
): Promise<DetectedObject[]> {
  const decode = decoderFor('object-detection', model.spec.manifest);
  const { outputs, transform } = await runOnImage(pixels, model, clock);
  return await clock.time('postprocess', () =>
    boxesInSource(decode(outputs), transform).map(roundedObject),
  );
}
