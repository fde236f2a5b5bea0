import type { Face } from '../protocol/face.ts';
import { detectionsInSource } from '../vision/detections-in-source.ts';
import { faceFromDetection } from '../vision/face-from-detection.ts';
import { letterbox } from '../vision/letterbox.ts';
import type { Pixels } from '../vision/pixels.ts';
import { imageToTensor } from '../vision/to-tensor.ts';
import type { HostedModel } from './hosted-model.ts';
import { roundedFace } from './rounded-face.ts';
import type { StageClock } from './stage-clock.ts';

/** Every face of the picture, best first, with pose and quality worked out from box and landmarks. */
export async function detectFaces(
  pixels: Pixels,
  { spec, session }: HostedModel,
  clock: StageClock,
): Promise<Face[]> {
  const { manifest } = spec;
  const { input } = manifest;
  const prepared = await clock.time('preprocess', async () => {
    const { pixels: fitted, transform } = await letterbox(pixels, input);
    return { tensor: imageToTensor(fitted, input), transform };
  });
  const outputs = await clock.time('inference', () =>
    session.run({ [input.name]: prepared.tensor }),
  );
  return await clock.time('postprocess', async () => {
    const detections = detectionsInSource(outputs, manifest, prepared.transform);
    return await Promise.all(
      detections.map(async (detection) => roundedFace(await faceFromDetection(pixels, detection))),
    );
  });
}
