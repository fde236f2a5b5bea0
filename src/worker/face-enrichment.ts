import type { Face, SpacePoint } from '../protocol/face.ts';
import { cropFace, type FaceCrop } from '../vision/face-crop.ts';
import { pointsInSource } from '../vision/face-mesh.ts';
import type { Pixels } from '../vision/pixels.ts';
import {
  faceAttributes,
  faceEmotions,
  faceIrises,
  faceLiveness,
  faceMeshes,
  type MeshedFace,
} from './face-details.ts';
import type { HostedModel } from './hosted-model.ts';
import { type FaceDetails, roundedDetails } from './rounded-face.ts';
import type { StageClock } from './stage-clock.ts';

/** The models to look at faces with, and which of their answers are wanted. What is left out is not computed. */
export interface FaceModels {
  /** Needed for `age`, `gender` and `embedding`; runs when at least one of them is wanted. */
  readonly attributes?: HostedModel | undefined;
  readonly age?: boolean;
  readonly gender?: boolean;
  readonly embedding?: boolean;
  readonly emotion?: HostedModel | undefined;
  readonly liveness?: HostedModel | undefined;
  /** Needed for `iris` too. */
  readonly mesh?: HostedModel | undefined;
  readonly returnMesh?: boolean;
  readonly iris?: HostedModel | undefined;
}

/** Faces cut out at a time, a fifth of a megabyte each: bounds the memory of a crowd. */
const FACES_AT_ONCE = 8;

/**
 * The faces with everything that is wanted of them. A face in which the mesh model sees none has
 * neither mesh nor iris.
 * @throws FoveaError MODEL_INVALID; the signal's reason, between the faces of a crowd
 */
export async function enrichFaces(
  pixels: Pixels,
  faces: readonly Face[],
  models: FaceModels,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Face[]> {
  const { attributes, age, gender, embedding, emotion, liveness, mesh, returnMesh, iris } = models;
  const looks = (attributes && (age || gender || embedding)) || emotion || liveness;
  if (!looks && !(mesh && (returnMesh || iris))) return [...faces];
  const enriched: Face[] = [];
  for (let from = 0; from < faces.length; from += FACES_AT_ONCE) {
    signal?.throwIfAborted();
    const some = faces.slice(from, from + FACES_AT_ONCE);
    const details = await detailsOf(pixels, some, models, clock);
    enriched.push(...some.map((face, index) => ({ ...face, ...details[index] })));
  }
  return enriched;
}

async function detailsOf(
  pixels: Pixels,
  faces: readonly Face[],
  models: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  const crops = await clock.time('preprocess', () =>
    Promise.all(faces.map((face) => cropFace(pixels, face))),
  );
  const looks = await looksOf(crops, models, clock);
  const shapes = await shapesOf(crops, models, clock);
  return clock.time('postprocess', () =>
    crops.map((_, index) => roundedDetails({ ...looks[index], ...shapes[index] })),
  );
}

/** What one look at the crop tells. */
async function looksOf(
  crops: readonly FaceCrop[],
  { attributes, age, gender, embedding, emotion, liveness }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  const wanted = age || gender || embedding ? attributes : undefined;
  const people = wanted && (await faceAttributes(crops, wanted, clock));
  const emotions = emotion && (await faceEmotions(crops, emotion, clock));
  const alive = liveness && (await faceLiveness(crops, liveness, clock));
  return crops.map((_, index) => {
    const person = people?.[index];
    return {
      ...(person && age ? { age: person.age } : {}),
      ...(person && gender ? { gender: person.gender } : {}),
      ...(person && embedding ? { embedding: [...person.embedding] } : {}),
      ...optional('emotion', emotions?.[index]),
      ...optional('liveness', alive?.[index]),
    };
  });
}

/** What needs the mesh: itself, and the irises, which are looked for between its corners of the eyes. */
async function shapesOf(
  crops: readonly FaceCrop[],
  { mesh, returnMesh, iris }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  if (!mesh || !(returnMesh || iris)) return crops.map(() => ({}));
  const meshes = await faceMeshes(crops, mesh, clock);
  const meshed = crops.flatMap((crop, index): MeshedFace[] => {
    const points = meshes[index];
    return points ? [{ crop, mesh: points }] : [];
  });
  const irises = iris && (await faceIrises(meshed, iris, clock));
  return crops.map((crop, index) => ({
    ...(returnMesh && optional('mesh', inSource(meshes[index], crop))),
    ...optional('iris', irises?.[meshed.findIndex((face) => face.crop === crop)]),
  }));
}

function inSource(
  points: readonly SpacePoint[] | undefined,
  { square }: FaceCrop,
): SpacePoint[] | undefined {
  return points && pointsInSource(points, square);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
