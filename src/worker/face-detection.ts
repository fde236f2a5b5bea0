import type { Face } from '../protocol/face.ts';
import { decoderFor } from '../vision/decoders.ts';
import { detectionsInSource } from '../vision/detections-in-source.ts';
import { faceFromDetection } from '../vision/face-from-detection.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { HostedModel } from './hosted-model.ts';
import { roundedFace } from './rounded-face.ts';
import { runOnImage } from './run-on-image.ts';
import type { StageClock } from './stage-clock.ts';

/** Every face of the picture, best first, with pose and quality worked out from box and landmarks. */
export async function detectFaces(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
): Promise<Face[]> {
  const decode = decoderFor('face-detection', model.spec.manifest);
  const { outputs, transform } = await runOnImage(pixels, model, clock);
  return await clock.time('postprocess', async () => {
    const detections = detectionsInSource(decode(outputs), transform);
    return await Promise.all(
      detections.map(async (detection) => roundedFace(await faceFromDetection(pixels, detection))),
    );
  });
}
