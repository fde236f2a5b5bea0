import type { Face, SpacePoint } from '../protocol/face.ts';
import type { Point } from '../protocol/image.ts';
import { fivePoints } from '../vision/face-alignment.ts';
import { cropFace, type FaceCrop } from '../vision/face-crop.ts';
import { type FaceLook, needsLevelCrop } from '../vision/face-look.ts';
import { pointsInSource } from '../vision/face-mesh.ts';
import { landmarkPose } from '../vision/landmark-pose.ts';
import type { Pixels } from '../vision/pixels.ts';
import {
  faceAttributes,
  faceEmbeddings,
  faceEmotions,
  faceIrises,
  faceLandmarks,
  faceLiveness,
  faceMeshes,
  type MeshedFace,
} from './face-details.ts';
import type { FoundFace } from './face-detection.ts';
import type { HostedModel } from './hosted-model.ts';
import { type FaceDetails, roundedDetails } from './rounded-face.ts';
import type { StageClock } from './stage-clock.ts';

/** The models to look at faces with, and which of their answers are wanted. What is left out is not computed. */
export interface FaceModels {
  /** Needed for `age`, `gender` and `embedding`; runs when at least one of them is wanted. */
  readonly attributes?: HostedModel | undefined;
  readonly age?: boolean;
  readonly gender?: boolean;
  /** The embedding of the attributes' model. */
  readonly embedding?: boolean;
  /** Makes embeddings of aligned faces. */
  readonly recogniser?: HostedModel | undefined;
  readonly landmarks?: readonly HostedModel[];
  readonly emotion?: HostedModel | undefined;
  readonly liveness?: HostedModel | undefined;
  /** Needed for `iris` too. */
  readonly mesh?: HostedModel | undefined;
  readonly returnMesh?: boolean;
  readonly iris?: HostedModel | undefined;
}

/** Faces cut out at a time, a fifth of a megabyte each: bounds the memory of a crowd. */
const FACES_AT_ONCE = 8;

/** The models that run, whatever is asked of them. */
function runningModels(models: FaceModels): HostedModel[] {
  const { attributes, age, gender, embedding, emotion, liveness, mesh, returnMesh, iris } = models;
  return [
    age || gender || embedding ? attributes : undefined,
    models.recogniser,
    ...(models.landmarks ?? []),
    emotion,
    liveness,
    returnMesh || iris ? mesh : undefined,
  ].filter((model) => model !== undefined);
}

/**
 * The faces with everything that is wanted of them. A face in which the mesh model sees none has
 * neither mesh nor iris.
 * @throws FoveaError MODEL_INVALID; the signal's reason, between the faces of a crowd
 */
export async function enrichFaces(
  pixels: Pixels,
  faces: readonly FoundFace[],
  models: FaceModels,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Face[]> {
  if (runningModels(models).length === 0) return faces.map(withoutReach);
  const enriched: Face[] = [];
  for (let from = 0; from < faces.length; from += FACES_AT_ONCE) {
    signal?.throwIfAborted();
    const some = faces.slice(from, from + FACES_AT_ONCE);
    const details = await detailsOf(pixels, some, models, clock);
    enriched.push(...some.map((face, index) => ({ ...withoutReach(face), ...details[index] })));
  }
  return enriched;
}

/** What only the worker needs to know does not leave it. */
function withoutReach(found: FoundFace): Face {
  const { reach, ...face } = found;
  return reach === undefined ? found : face;
}

async function detailsOf(
  pixels: Pixels,
  faces: readonly FoundFace[],
  models: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  const level = runningModels(models).some(({ spec }) => needsLevelCrop(spec.manifest.input));
  const looks = await clock.time('preprocess', () =>
    Promise.all(faces.map((face) => lookAt(pixels, face, level))),
  );
  const said = await saidOf(looks, models, clock);
  const marks = await landmarksOf(looks, models, clock);
  const known = await identitiesOf(alignable(looks, marks), models, clock);
  const shapes = await shapesOf(looks, models, clock);
  return clock.time('postprocess', () =>
    looks.map((_, index) =>
      roundedDetails({ ...said[index], ...known[index], ...marks[index], ...shapes[index] }),
    ),
  );
}

async function lookAt(picture: Pixels, face: FoundFace, level: boolean): Promise<FaceLook> {
  const { box, reach = box, landmarks } = face;
  return {
    picture,
    face: { box: reach, landmarks },
    ...(level ? { crop: await cropFace(picture, face) } : {}),
  };
}

/** What models of one answer per face say. */
async function saidOf(
  looks: readonly FaceLook[],
  { attributes, age, gender, embedding, emotion, liveness }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  const wanted = age || gender || embedding ? attributes : undefined;
  const people = wanted && (await faceAttributes(looks, wanted, clock));
  const emotions = emotion && (await faceEmotions(looks, emotion, clock));
  const alive = liveness && (await faceLiveness(looks, liveness, clock));
  return looks.map((_, index) => {
    const person = people?.[index];
    return {
      ...(person && age ? { age: person.age } : {}),
      ...(person && gender ? { gender: person.gender } : {}),
      ...(person?.embedding && embedding ? { embedding: [...person.embedding] } : {}),
      ...optional('emotion', emotions?.[index]),
      ...optional('liveness', alive?.[index]),
    };
  });
}

/** Detectors that give other points than the five of the template are helped by 68 landmarks, where there are any. */
function alignable(looks: readonly FaceLook[], marks: readonly FaceDetails[]): FaceLook[] {
  return looks.map((look, index) => {
    const { face } = look;
    const five =
      face.landmarks.length === 5 ? undefined : fivePoints(marks[index]?.landmarks_68 ?? []);
    return five ? { ...look, face: { ...face, landmarks: five } } : look;
  });
}

/** A face that has no landmarks to be aligned by has no embedding. */
async function identitiesOf(
  looks: readonly FaceLook[],
  { recogniser }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  if (!recogniser) return looks.map(() => ({}));
  const found = await faceEmbeddings(looks, recogniser, clock);
  return found.map((one) =>
    one ? { embedding: [...one.embedding], embedding_norm: one.norm } : {},
  );
}

/** Of 68 landmarks in space the pose is told anew: they know it better than the detector's few. */
async function landmarksOf(
  looks: readonly FaceLook[],
  { landmarks = [] }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  const details: FaceDetails[] = looks.map(() => ({}));
  for (const model of landmarks) {
    const { output } = model.spec.manifest;
    const inSpace = output.decoder === 'landmarks' && output.dimensions === 3;
    for (const [index, points] of (await faceLandmarks(looks, model, clock)).entries()) {
      details[index] = { ...details[index], ...(points && detailsOfPoints(points, inSpace)) };
    }
  }
  return details;
}

function detailsOfPoints(points: readonly SpacePoint[], inSpace: boolean): FaceDetails {
  if (points.length === 106) return { landmarks_106: points.map(([x, y]): Point => [x, y]) };
  if (points.length !== 68) return {};
  const pose = inSpace ? landmarkPose(points) : undefined;
  return { landmarks_68: [...points], ...(pose && { pose }) };
}

/** What needs the mesh: itself, and the irises, which are looked for between its corners of the eyes. */
async function shapesOf(
  looks: readonly FaceLook[],
  { mesh, returnMesh, iris }: FaceModels,
  clock: StageClock,
): Promise<FaceDetails[]> {
  if (!mesh || !(returnMesh || iris)) return looks.map(() => ({}));
  const meshes = await faceMeshes(looks, mesh, clock);
  const meshed = looks.flatMap(({ crop }, index): MeshedFace[] => {
    const points = meshes[index];
    return crop && points ? [{ crop, mesh: points }] : [];
  });
  const irises = iris && (await faceIrises(meshed, iris, clock));
  return looks.map(({ crop }, index) => ({
    ...(returnMesh && optional('mesh', inSource(meshes[index], crop))),
    ...optional('iris', irises?.[meshed.findIndex((face) => face.crop === crop)]),
  }));
}

function inSource(
  points: readonly SpacePoint[] | undefined,
  crop: FaceCrop | undefined,
): SpacePoint[] | undefined {
  return points && crop && pointsInSource(points, crop.square);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
