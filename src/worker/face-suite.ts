import type { FaceSuite } from '../engine/face-tasks.ts';
import type { Want } from '../engine/tasks.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';
import type { FaceModels } from './face-enrichment.ts';
import type { HostedModel } from './hosted-model.ts';
import type { JobModels } from './job-models.ts';

/** The model that finds the faces. @throws FoveaError MODEL_UNAVAILABLE, as all of these. */
export function detectorOf(models: JobModels, suite?: FaceSuite): HostedModel {
  return models.need('face-detection', suite?.detection);
}

/** The models for what is wanted of faces: those of the suite or, without one, the first for each task. */
export function faceModelsFor(
  wants: ReadonlySet<Want>,
  models: JobModels,
  suite?: FaceSuite,
): FaceModels {
  const one = (task: ModelTask, name: string | undefined): HostedModel | undefined =>
    suite && name === undefined ? undefined : models.need(task, name);
  const [age, gender, embedding, returnMesh, iris] = [
    wants.has('age'),
    wants.has('gender'),
    wants.has('embedding'),
    wants.has('mesh'),
    wants.has('iris'),
  ];
  const recogniser =
    embedding && suite?.embedding !== undefined
      ? models.need('face-embedding', suite.embedding)
      : undefined;
  const described = embedding && recogniser === undefined;
  return {
    age,
    gender,
    embedding: described,
    returnMesh,
    recogniser,
    landmarks: wants.has('landmarks')
      ? (suite?.landmarks ?? []).map((name) => models.need('face-landmarks', name))
      : [],
    attributes: age || gender || described ? one('face-attributes', suite?.attributes) : undefined,
    emotion: wants.has('emotion') ? one('face-emotion', suite?.emotion) : undefined,
    liveness: wants.has('liveness') ? one('face-liveness', suite?.liveness) : undefined,
    mesh: returnMesh || iris ? one('face-mesh', suite?.mesh) : undefined,
    iris: iris ? one('face-iris', suite?.iris) : undefined,
  };
}
