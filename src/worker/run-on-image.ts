import { type InputTransform, letterbox } from '../vision/letterbox.ts';
import type { OutputTensors } from '../vision/output-tensor.ts';
import type { Pixels } from '../vision/pixels.ts';
import { imageToTensor } from '../vision/to-tensor.ts';
import type { HostedModel } from './hosted-model.ts';
import type { StageClock } from './stage-clock.ts';

/** One run on the whole picture: raw outputs, and the way from the model's input back to the picture. */
export async function runOnImage(
  pixels: Pixels,
  { spec, session }: HostedModel,
  clock: StageClock,
): Promise<{ outputs: OutputTensors; transform: InputTransform }> {
  const { input } = spec.manifest;
  const { tensor, transform } = await clock.time('preprocess', async () => {
    const fitted = await letterbox(pixels, input);
    return { tensor: imageToTensor(fitted.pixels, input), transform: fitted.transform };
  });
  const outputs = await clock.time('inference', () => session.run({ [input.name]: tensor }));
  return { outputs, transform };
}
