import type { FaceSuite } from '../engine/face-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { ModelManifest, ModelTask } from '../protocol/model-manifest.ts';

/** The models of this server, as far as faces need them: what `ModelRegistry` is. */
export interface FaceModelDirectory {
  list(): readonly Pick<ModelStatus, 'name' | 'active' | 'digest'>[];
  manifestOf(name: string): ModelManifest;
  /** Does `work` while the model is loaded. */
  use<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** The model whose embeddings are compared. Never compare embeddings of different digests. */
export interface Embedder {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** Values of an embedding. */
  readonly size: number;
  /** Cosine from which two faces count as the same person; undefined where nobody has measured it. */
  readonly match: number | undefined;
}

/** What an analysis of faces can hold, beside box, landmarks, pose and quality. */
export type FacePart =
  | 'age'
  | 'gender'
  | 'emotion'
  | 'liveness'
  | 'mesh'
  | 'iris'
  | 'landmarks'
  | 'embedding';

/** Models that work together on faces, all of one group of workers. */
export interface ActiveSuite {
  /** The pack's name, or `starter` for the models that every installation has. */
  readonly name: string;
  readonly group: string;
  readonly models: FaceSuite;
  readonly parts: ReadonlySet<FacePart>;
  readonly embedder: Embedder | undefined;
  /** May be of another group: it is large and seldom used. */
  readonly swapper: { readonly manifest: ModelManifest; readonly group: string } | undefined;
}

interface Known {
  readonly manifest: ModelManifest;
  readonly digest: string;
}

/** The models that every installation has. */
const DEFAULT_SUITE = 'starter';

/**
 * The suite of a pack or, without a name, of the pack in use, else of the models that belong to none. What a pack
 * lacks is taken from those, as long as they share its workers; a swapping model from anywhere.
 * @throws FoveaError MODEL_NOT_FOUND when there is no such pack, MODEL_UNAVAILABLE when nothing finds faces
 */
export function activeSuite(directory: FaceModelDirectory, name?: string): ActiveSuite {
  const all = modelsOf(directory);
  const packless = all.filter(({ manifest }) => manifest.pack === undefined);
  const pack = name === DEFAULT_SUITE ? undefined : (name ?? packInUse(all));
  const own = pack === undefined ? [] : all.filter(({ manifest }) => manifest.pack === pack);
  if (pack !== undefined && own.length === 0) throw unknownPack(pack, all);
  const detector = first([...own, ...packless], 'face-detection');
  if (!detector)
    throw new FoveaError('MODEL_UNAVAILABLE', 'There is no model that finds faces.', {
      task: 'face-detection',
    });
  const { group } = detector.manifest;
  const members = [...own, ...packless].filter(({ manifest }) => manifest.group === group);
  const swapper = first([...own, ...all], 'face-swap')?.manifest;
  return {
    name: pack ?? DEFAULT_SUITE,
    group,
    models: suiteOf(members, detector),
    parts: partsOf(members),
    embedder: embedderOf(members),
    swapper: swapper && { manifest: swapper, group: swapper.group },
  };
}

/** The models of the pack in use, when there is one and its workers are those of that group. */
export function packSuite(directory: FaceModelDirectory, group: string): FaceSuite | undefined {
  if (packInUse(modelsOf(directory)) === undefined) return undefined;
  const suite = activeSuite(directory);
  return suite.group === group ? suite.models : undefined;
}

function modelsOf(directory: FaceModelDirectory): Known[] {
  return directory
    .list()
    .filter(({ active }) => active)
    .map(({ name, digest }) => ({ manifest: directory.manifestOf(name), digest }));
}

/** A pack that finds faces goes before the models that belong to none; one that only paints them does not. */
function packInUse(all: readonly Known[]): string | undefined {
  const painters = new Set(
    all.flatMap(({ manifest }) => (manifest.task === 'face-swap' ? [manifest.pack] : [])),
  );
  const found = all.find(
    ({ manifest: { task, pack } }) =>
      task === 'face-detection' && pack !== undefined && !painters.has(pack),
  );
  return found?.manifest.pack;
}

function suiteOf(members: readonly Known[], detector: Known): FaceSuite {
  const named = (task: ModelTask): string | undefined => first(members, task)?.manifest.name;
  const roles = {
    embedding: named('face-embedding'),
    attributes: named('face-attributes'),
    emotion: named('face-emotion'),
    liveness: named('face-liveness'),
    mesh: named('face-mesh'),
    iris: named('face-iris'),
  };
  const landmarks = members
    .filter(({ manifest }) => manifest.task === 'face-landmarks')
    .map(({ manifest }) => manifest.name);
  const known = Object.entries(roles).filter(([, model]) => model !== undefined);
  return {
    detection: detector.manifest.name,
    ...(Object.fromEntries(known) as Omit<FaceSuite, 'detection' | 'landmarks'>),
    ...(landmarks.length > 0 ? { landmarks } : {}),
  };
}

function partsOf(members: readonly Known[]): ReadonlySet<FacePart> {
  const parts = new Set<FacePart>();
  const has = (task: ModelTask): boolean => first(members, task) !== undefined;
  if (has('face-attributes')) parts.add('age').add('gender');
  if (has('face-emotion')) parts.add('emotion');
  if (has('face-liveness')) parts.add('liveness');
  if (has('face-landmarks')) parts.add('landmarks');
  if (has('face-mesh')) parts.add('mesh');
  if (has('face-mesh') && has('face-iris')) parts.add('iris');
  if (embedderOf(members)) parts.add('embedding');
  return parts;
}

/** Values of the descriptor of models with the decoder `age-gender`. */
const DESCRIPTOR = 1024;

function embedderOf(members: readonly Known[]): Embedder | undefined {
  const known = first(members, 'face-embedding') ?? first(members, 'face-attributes');
  if (!known) return undefined;
  const { manifest, digest } = known;
  const { name, version, output, thresholds } = manifest;
  if (output.decoder !== 'embedding' && output.decoder !== 'age-gender') return undefined;
  const size = output.decoder === 'embedding' ? output.size : DESCRIPTOR;
  return { name, version, digest, size, match: thresholds.match };
}

function first(models: readonly Known[], task: ModelTask): Known | undefined {
  return models.find(({ manifest }) => manifest.task === task);
}

function unknownPack(pack: string, all: readonly Known[]): FoveaError {
  const packs = [...new Set(all.flatMap(({ manifest }) => manifest.pack ?? []))];
  return new FoveaError(
    'MODEL_NOT_FOUND',
    `There is no pack ${JSON.stringify(pack)} in use; there are: ${[DEFAULT_SUITE, ...packs].join(', ')}.`,
    { pack },
  );
}
