import { FoveaError } from '../errors.ts';
import type { Face, SpacePoint } from '../protocol/face.ts';
import type { ClassScore } from '../protocol/object.ts';
import type { AgeGender } from '../vision/age-gender.ts';
import { type FaceEmbedding, sumOf } from '../vision/embedding.ts';
import type { FaceCrop } from '../vision/face-crop.ts';
import { type FaceLook, type FaceSight, sightOf } from '../vision/face-look.ts';
import { pointsInCrop } from '../vision/face-mesh.ts';
import { cropEye, irisInSource } from '../vision/iris.ts';
import { mirrored } from '../vision/pixels.ts';
import type { HostedModel } from './hosted-model.ts';
import { type FaceTask, runInBatches } from './run-in-batches.ts';
import type { StageClock } from './stage-clock.ts';

/**
 * One function per face model: faces in, what the model says of each out, in the same order; undefined for a face that
 * cannot be cut out as the model needs it.
 */

/** @throws FoveaError MODEL_INVALID, as all of these. */
export async function faceAttributes(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(AgeGender | undefined)[]> {
  return (await runOnFaces('face-attributes', looks, model, clock)).map((seen) => seen?.found);
}

export async function faceEmbeddings(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(FaceEmbedding | undefined)[]> {
  const seen = await runOnFaces('face-embedding', looks, model, clock);
  const { output } = model.spec.manifest;
  if (output.decoder !== 'embedding' || !output.flip) return seen.map((one) => one?.found);
  const pictures = seen.flatMap((one) => (one ? [mirrored(one.sight.pixels)] : []));
  const flipped = await runInBatches('face-embedding', model, pictures, clock);
  return seen.map((one) => {
    const other = one && flipped.shift();
    return one && other ? sumOf(one.found, other) : undefined;
  });
}

/** In pixels of the picture. */
export async function faceLandmarks(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(SpacePoint[] | undefined)[]> {
  const seen = await runOnFaces('face-landmarks', looks, model, clock);
  return seen.map((one) => one?.sight.toSource(one.found));
}

export async function faceEmotions(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(Face['emotion'] | undefined)[]> {
  const seen = await runOnFaces('face-emotion', looks, model, clock);
  return seen.map((one) => one && emotionOf(one.found));
}

function emotionOf(classes: readonly ClassScore[]): NonNullable<Face['emotion']> {
  return {
    label: classes[0]?.label ?? '',
    scores: Object.fromEntries(classes.map(({ label, score }) => [label, score])),
  };
}

/** The class whose probability is the liveness. */
const LIVE = 'live';

/** Probability that each face is one, not a picture of one. */
export async function faceLiveness(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(number | undefined)[]> {
  const seen = await runOnFaces('face-liveness', looks, model, clock);
  return seen.map((one) => one && liveScore(one.found));
}

function liveScore(classes: readonly ClassScore[]): number {
  const live = classes.find(({ label }) => label === LIVE);
  if (live) return live.score;
  throw new FoveaError(
    'MODEL_INVALID',
    `The labels of a face-liveness model are ${classes.map(({ label }) => label).join(', ')}; one of them must be ${LIVE}.`,
  );
}

/** The mesh of each face in pixels of its level crop; undefined where the model sees no face too. */
export async function faceMeshes(
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
): Promise<(readonly SpacePoint[] | undefined)[]> {
  const { input, thresholds } = model.spec.manifest;
  const seen = await runOnFaces('face-mesh', looks, model, clock);
  return seen.map((one) =>
    one === undefined || one.found.presence < thresholds.score
      ? undefined
      : pointsInCrop(one.found.points, input),
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

async function runOnFaces<T extends Exclude<FaceTask, 'face-iris'>>(
  task: T,
  looks: readonly FaceLook[],
  model: HostedModel,
  clock: StageClock,
) {
  const { input } = model.spec.manifest;
  const sights = await clock.time('preprocess', () => looks.map((look) => sightOf(look, input)));
  const visible = sights.filter((sight): sight is FaceSight => sight !== undefined);
  const pictures = visible.map(({ pixels }) => pixels);
  const found = await runInBatches(task, model, pictures, clock);
  return sights.map((sight) => {
    const one = sight && found[visible.indexOf(sight)];
    return sight && one !== undefined ? { sight, found: one } : undefined;
  });
}
