import { isDeepStrictEqual } from 'node:util';
import type { Face } from '../protocol/face.ts';
import type { Box } from '../protocol/image.ts';
import { decoderFor } from '../vision/decoders.ts';
import type { Detection } from '../vision/detection.ts';
import { candidatesInSource, insidePicture } from '../vision/detections-in-source.ts';
import { faceFromDetection } from '../vision/face-from-detection.ts';
import { facesAmong } from '../vision/faces-among.ts';
import type { Pixels } from '../vision/pixels.ts';
import type { HostedModel } from './hosted-model.ts';
import { roundedFace } from './rounded-face.ts';
import { runOnImage } from './run-on-image.ts';
import type { StageClock } from './stage-clock.ts';

/** A face and, where its box reaches beyond the picture, that box as the detector gave it; models look at all of it. */
export interface FoundFace extends Face {
  readonly reach?: Box;
}

/** Every face of the picture, best first, with pose and quality worked out from box and landmarks. */
export async function detectFaces(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
): Promise<FoundFace[]> {
  const { manifest } = model.spec;
  const candidates = await candidatesOf(pixels, model, clock);
  return await clock.time('postprocess', async () => {
    const detections = insidePicture(facesAmong(candidates, manifest), pixels);
    return await Promise.all(
      detections.map(async ({ reach, ...detection }) => ({
        ...roundedFace(await faceFromDetection(pixels, detection)),
        ...(isDeepStrictEqual(reach, detection.box) ? {} : { reach }),
      })),
    );
  });
}

/** What all passes find, in pixels of the picture: a small input sees what fills a large one. */
async function candidatesOf(
  pixels: Pixels,
  model: HostedModel,
  clock: StageClock,
): Promise<Detection[]> {
  const { input } = model.spec.manifest;
  const found: Detection[] = [];
  for (const size of [...(input.passes ?? []), { width: input.width, height: input.height }]) {
    const manifest = { ...model.spec.manifest, input: { ...input, ...size } };
    const decode = decoderFor('face-detection', manifest);
    const pass = { ...model, spec: { ...model.spec, manifest } };
    const { outputs, transform } = await runOnImage(pixels, pass, clock);
    found.push(
      ...(await clock.time('postprocess', () => candidatesInSource(decode(outputs), transform))),
    );
  }
  return found;
}
