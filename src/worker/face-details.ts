import { FoveaError } from '../errors.ts';
import type { Face, SpacePoint } from '../protocol/face.ts';
import type { ClassScore } from '../protocol/object.ts';
import type { AgeGender } from '../vision/age-gender.ts';
import { type FaceCrop, faceInput } from '../vision/face-crop.ts';
import { pointsInCrop } from '../vision/face-mesh.ts';
import { cropEye, irisInSource } from '../vision/iris.ts';
import type { HostedModel } from './hosted-model.ts';
import { type FaceTask, runInBatches } from './run-in-batches.ts';
import type { StageClock } from './stage-clock.ts';

/** One function per face model: crops of faces in, what the model says of each out, in the same order. */

/** @throws FoveaError MODEL_INVALID, as all of these. */
export async function faceAttributes(
  crops: readonly FaceCrop[],
  model: HostedModel,
  clock: StageClock,
): Promise<AgeGender[]> {
  return runOnCrops('face-attributes', crops, model, clock);
}

export async function faceEmotions(
  crops: readonly FaceCrop[],
  model: HostedModel,
  clock: StageClock,
): Promise<NonNullable<Face['emotion']>[]> {
  const found = await runOnCrops('face-emotion', crops, model, clock);
  return found.map((classes) => ({
    label: classes[0]?.label ?? '',
    scores: Object.fromEntries(classes.map(({ label, score }) => [label, score])),
  }));
}

/** The class whose probability is the liveness. */
const LIVE = 'live';

/** Probability that each face is one, not a picture of one. */
export async function faceLiveness(
  crops: readonly FaceCrop[],
  model: HostedModel,
  clock: StageClock,
): Promise<number[]> {
  const found = await runOnCrops('face-liveness', crops, model, clock);
  return found.map(liveScore);
}

function liveScore(classes: readonly ClassScore[]): number {
  const live = classes.find(({ label }) => label === LIVE);
  if (live) return live.score;
  throw new FoveaError(
    'MODEL_INVALID',
    `The labels of a face-liveness model are ${classes.map(({ label }) => label).join(', ')}; one of them must be ${LIVE}.`,
  );
}

/** The mesh of each face in pixels of its crop; undefined where the model sees no face. */
export async function faceMeshes(
  crops: readonly FaceCrop[],
  model: HostedModel,
  clock: StageClock,
): Promise<(readonly SpacePoint[] | undefined)[]> {
  const { input, thresholds } = model.spec.manifest;
  const found = await runOnCrops('face-mesh', crops, model, clock);
  return found.map(({ points, presence }) =>
    presence < thresholds.score ? undefined : pointsInCrop(points, input),
  );
}

/** A face with its mesh in pixels of the crop. */
export interface MeshedFace {
  readonly crop: FaceCrop;
  readonly mesh: readonly SpacePoint[];
}

/** Both irises of each face, in pixels of the source picture. */
export async function faceIrises(
  faces: readonly MeshedFace[],
  model: HostedModel,
  clock: StageClock,
): Promise<NonNullable<Face['iris']>[]> {
  const { width: size } = model.spec.manifest.input;
  const eyes = await clock.time('preprocess', () =>
    Promise.all(
      faces.flatMap(({ crop, mesh }) => [
        cropEye(crop, mesh, 'right', size),
        cropEye(crop, mesh, 'left', size),
      ]),
    ),
  );
  const pictures = eyes.map(({ pixels }) => pixels);
  const found = await runInBatches('face-iris', model, pictures, clock);
  return faces.map(({ crop }, face) => {
    const irisOf = (index: number) => {
      const eye = eyes[index];
      return eye ? irisInSource(found[index]?.points ?? [], eye, crop, size) : [];
    };
    return { right: irisOf(2 * face), left: irisOf(2 * face + 1) };
  });
}

async function runOnCrops<T extends Exclude<FaceTask, 'face-iris'>>(
  task: T,
  crops: readonly FaceCrop[],
  model: HostedModel,
  clock: StageClock,
) {
  const { input } = model.spec.manifest;
  const pictures = await clock.time('preprocess', () =>
    crops.map((crop) => faceInput(crop, input)),
  );
  return runInBatches(task, model, pictures, clock);
}
