import type { ClassScore } from '../protocol/object.ts';
import { decoderFor } from '../vision/decoders.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { HostedModel } from './hosted-model.ts';
import { round } from './rounding.ts';
import { runOnImage } from './run-on-image.ts';
import type { StageClock } from './stage-clock.ts';

/** The `top` most probable classes of the picture, best first. */
export async function classifyImage(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
  top: number,
): Promise<ClassScore[]> {
  const decode = decoderFor('image-classification', model.spec.manifest);
  const { outputs } = await runOnImage(pixels, model, clock);
  return await clock.time('postprocess', () => {
    const [classes = []] = decode(outputs);
    return classes.slice(0, top).map((found) => ({ ...found, score: round(found.score, 4) }));
  });
}
