import type { ModelTask } from '../protocol/model-manifest.ts';
import type { SpacePoint } from '../protocol/face.ts';
import { CROP_SIZE, type FaceCrop } from '../vision/face-crop.ts';
import type { FaceLook } from '../vision/face-look.ts';
import type { Pixels } from '../vision/pixels.ts';
import {
  faceAttributes,
  faceEmbeddings,
  faceEmotions,
  faceIrises,
  faceLandmarks,
  faceLiveness,
  faceMeshes,
} from './face-details.ts';
import { detectFaces } from './face-detection.ts';
import { embedPicture } from './image-embedding.ts';
import { blankSource, paintFace } from './face-painting.ts';
import type { HostedModel } from './hosted-model.ts';
import { classifyImage } from './image-classification.ts';
import { detectObjects } from './object-detection.ts';
import { StageClock } from './stage-clock.ts';
import { embedTexts } from './text-embedding.ts';

/** Any picture will do: what counts is that every shape fits. */
const blank: Pixels = {
  data: new Uint8Array(CROP_SIZE * CROP_SIZE * 3),
  width: CROP_SIZE,
  height: CROP_SIZE,
};
const crop: FaceCrop = {
  pixels: blank,
  square: { centre: [CROP_SIZE / 2, CROP_SIZE / 2], side: CROP_SIZE, angle: 0 },
};
/** Its landmarks are ArcFace's template at twice its size. */
const look: FaceLook = {
  picture: blank,
  face: {
    box: [0, 0, CROP_SIZE, CROP_SIZE],
    landmarks: [
      [76, 103],
      [148, 103],
      [112, 143],
      [83, 185],
      [141, 185],
    ],
  },
  crop,
};
const mesh: readonly SpacePoint[] = [];

const runs: Readonly<
  Record<ModelTask, (model: HostedModel, clock: StageClock) => Promise<unknown>>
> = {
  'face-detection': (model, clock) => detectFaces(blank, model, clock),
  'face-attributes': (model, clock) => faceAttributes([look], model, clock),
  'face-emotion': (model, clock) => faceEmotions([look], model, clock),
  'face-mesh': (model, clock) => faceMeshes([look], model, clock),
  'face-iris': (model, clock) => faceIrises([{ crop, mesh }], model, clock),
  'face-liveness': (model, clock) => faceLiveness([look], model, clock),
  'face-embedding': (model, clock) => faceEmbeddings([look], model, clock),
  'face-landmarks': (model, clock) => faceLandmarks([look], model, clock),
  'face-swap': (model, clock) => paintFace(blank, blankSource(model), model, clock),
  'object-detection': (model, clock) => detectObjects(blank, model, clock),
  'image-classification': (model, clock) => classifyImage(blank, model, clock, 1),
  'image-text-embedding': async (model, clock) => {
    await embedPicture(blank, model, clock);
    await embedTexts(['a photo'], model, clock);
  },
};

/**
 * One run of the model's whole pipeline on a blank picture, results thrown away: it pays what only the
 * first run costs, and proves that the manifest tells the truth about inputs and outputs.
 * @throws FoveaError MODEL_INVALID
 */
export async function warmUp(model: HostedModel): Promise<void> {
  await runs[model.spec.manifest.task](model, new StageClock());
}
