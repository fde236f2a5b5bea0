import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import type { SwapInput, SwapOutput } from '../engine/face-tasks.ts';
import type { AnalyzeInput, Want } from '../engine/tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelReference, Stage } from '../protocol/analysis.ts';
import type { Face } from '../protocol/face.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import { chooseFaces, type FaceChoice } from '../vision/choose-faces.ts';
import {
  activeSuite,
  type ActiveSuite,
  type Embedder,
  type FaceModelDirectory,
  type FacePart,
} from './active-suite.ts';

/** An encoded picture and the SHA-256 of its bytes, in hex. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** What was found in one picture. */
export interface FaceFinding {
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  /** Best first; empty when there are none. */
  readonly faces: readonly Face[];
  /** The suite's name. */
  readonly suite: string;
  /** Whose embeddings the faces carry, when they were asked for. */
  readonly embedder: Embedder | undefined;
  readonly stages: Readonly<Record<Stage, number>>;
  readonly models: readonly ModelReference[];
}

/** A face that has an embedding. */
export type EmbeddedFace = Face & { readonly embedding: readonly number[] };

export interface EmbeddedFaces extends FaceFinding {
  readonly embedder: Embedder;
  /** The faces that were chosen, of `faces`. */
  readonly chosen: readonly EmbeddedFace[];
}

export interface SwapRequest {
  /** The picture whose faces are replaced, and which of them. */
  readonly target: Picture;
  readonly targetChoice: FaceChoice;
  /** The face to put there: one of a picture's, or an embedding of the suite's recogniser. */
  readonly source:
    | { readonly picture: Picture; readonly choice: Exclude<FaceChoice, 'all'> }
    | {
        readonly embedding: readonly number[];
        /** Its length before normalisation; 1 when left out, which inswapper does not mind. */
        readonly norm?: number;
        readonly digest: string;
      };
  readonly format: 'png' | 'jpeg';
}

export interface Swapped extends SwapOutput {
  /** The face that was put there, and all of its picture; undefined for a stored embedding. */
  readonly source: ChosenFace | undefined;
  /** Those that were replaced. */
  readonly targets: readonly ChosenFace[];
}

/** A face, and all that its picture has. */
export interface ChosenFace {
  readonly face: Face;
  readonly faces: readonly Face[];
}

export interface FaceOptions {
  readonly signal?: AbortSignal | undefined;
  /** A pack's name, or `starter`; the pack in use when left out. */
  readonly suite?: string | undefined;
}

export interface FaceAnalyzerOptions {
  readonly engine: Pick<Engine, 'run'>;
  readonly models: FaceModelDirectory;
  readonly limits: AnalyzeInput['limits'];
  readonly timeoutMs: number;
}

/** Pictures in, faces out, by the models of one suite; every other service about faces stands on this one. */
export class FaceAnalyzer {
  readonly #options: FaceAnalyzerOptions;

  constructor(options: FaceAnalyzerOptions) {
    this.#options = options;
  }

  /** What the models in use can tell. @throws FoveaError MODEL_NOT_FOUND, MODEL_UNAVAILABLE. */
  suite(name?: string): ActiveSuite {
    return activeSuite(this.#options.models, name);
  }

  /** Boxes, landmarks, pose and quality. An empty list is an answer. @throws FoveaError as `analyze`. */
  async detect(picture: Picture, options: FaceOptions = {}): Promise<FaceFinding> {
    return await this.analyze(picture, [], options);
  }

  /**
   * Faces with what is asked for beside boxes, landmarks, pose and quality.
   * @throws FoveaError IMAGE_*, MODEL_UNAVAILABLE when the suite has no model for a part, or what `Engine.run` throws
   */
  async analyze(
    picture: Picture,
    parts: readonly FacePart[],
    options: FaceOptions = {},
  ): Promise<FaceFinding> {
    const suite = this.suite(options.suite);
    const missing = parts.find((part) => !suite.parts.has(part));
    if (missing) throw lacking(suite, missing);
    const input: AnalyzeInput = {
      image: picture.bytes,
      imageKey: picture.sha256,
      want: ['faces', ...parts] satisfies Want[],
      suite: suite.models,
      limits: this.#options.limits,
    };
    const { output, queueMs } = await this.#with(namesFor(suite, parts), options.signal, (signal) =>
      this.#options.engine.run(suite.group, 'analyze', input, {
        signal,
        timeoutMs: this.#options.timeoutMs,
        affinity: picture.sha256,
      }),
    );
    return {
      width: output.width,
      height: output.height,
      faces: output.faces ?? [],
      suite: suite.name,
      embedder: parts.includes('embedding') ? suite.embedder : undefined,
      stages: { queue: queueMs, ...output.stages },
      models: output.models,
    };
  }

  /**
   * The chosen faces with their embeddings; a picture's faces go through the recogniser together.
   * @throws FoveaError FACE_NOT_FOUND when there is no face, or not the chosen one; MODEL_UNAVAILABLE when the
   *   suite has no recogniser, or its detector no landmarks to align faces by
   */
  async embed(
    picture: Picture,
    choice: FaceChoice,
    options: FaceOptions & { readonly parts?: readonly FacePart[] } = {},
  ): Promise<EmbeddedFaces> {
    const parts = new Set<FacePart>([...(options.parts ?? []), 'embedding']);
    const finding = await this.analyze(picture, [...parts], options);
    const chosen = required(finding, choice);
    const embedded = chosen.filter((face): face is EmbeddedFace => face.embedding !== undefined);
    const { embedder } = finding;
    if (embedder && embedded.length === chosen.length)
      return { ...finding, embedder, chosen: embedded };
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `The detector of ${finding.suite} gives no landmarks by which faces could be aligned; use another pack.`,
      { suite: finding.suite },
    );
  }

  /**
   * The target with another face painted over the chosen ones, encoded.
   * @throws FoveaError FACE_NOT_FOUND for source or target; MODEL_UNAVAILABLE without a swapping model; MODEL_INVALID
   *   when the embeddings are not of the recogniser that it understands
   */
  async swap(
    { target, targetChoice, source, format }: SwapRequest,
    options: FaceOptions = {},
  ): Promise<Swapped> {
    const suite = this.suite(options.suite);
    const { swapper, embedder } = suite;
    if (!swapper) throw lacking(suite, 'swap');
    checkEmbedder(swapper.manifest, embedder, this.#options.models);
    const chosen =
      'embedding' in source ? undefined : await this.embed(source.picture, source.choice, options);
    const given = 'embedding' in source ? ownEmbedding(source, embedder) : chosen?.chosen[0];
    const found = await this.detect(target, options);
    const faces = required(found, targetChoice);
    const input: SwapInput = {
      image: target.bytes,
      imageKey: target.sha256,
      limits: this.#options.limits,
      swapper: swapper.manifest.name,
      faces: faces.map(({ box, landmarks }) => ({ box, landmarks })),
      source: {
        embedding: given?.embedding ?? [],
        norm: given?.embedding_norm ?? 1,
      },
      format,
    };
    const { output } = await this.#with([swapper.manifest.name], options.signal, (signal) =>
      this.#options.engine.run(swapper.group, 'swap-face', input, {
        signal,
        timeoutMs: this.#options.timeoutMs,
        affinity: target.sha256,
      }),
    );
    const [face] = chosen?.chosen ?? [];
    return {
      ...output,
      source: chosen && face && { face, faces: chosen.faces },
      targets: faces
        .filter(({ box }) => output.swapped.some((swapped) => isDeepStrictEqual(swapped, box)))
        .map((each) => ({ face: each, faces: found.faces })),
    };
  }

  /** Holds every model that the work needs, so that none is unloaded under it. */
  async #with<T>(
    names: readonly string[],
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(this.#options.timeoutMs);
    const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const hold = async ([name, ...rest]: readonly string[]): Promise<T> =>
      name === undefined
        ? await work(signal ?? either)
        : await this.#options.models.use(name, either, () => hold(rest));
    return await hold(names);
  }
}

/** The models that the parts need. */
function namesFor({ models }: ActiveSuite, parts: readonly FacePart[]): string[] {
  const { detection, embedding, attributes, emotion, liveness, mesh, iris, landmarks } = models;
  const needs: Readonly<Record<FacePart, readonly (string | undefined)[]>> = {
    age: [attributes],
    gender: [attributes],
    emotion: [emotion],
    liveness: [liveness],
    mesh: [mesh],
    iris: [mesh, iris],
    landmarks: landmarks ?? [],
    embedding: [embedding ?? attributes],
  };
  const names = [detection, ...parts.flatMap((part) => needs[part])];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** @throws FoveaError FACE_NOT_FOUND. */
function required({ faces, width, height }: FaceFinding, choice: FaceChoice): Face[] {
  const chosen = chooseFaces(faces, choice, { width, height });
  if (chosen.length > 0) return chosen;
  throw new FoveaError(
    'FACE_NOT_FOUND',
    faces.length === 0
      ? 'There is no face in the image.'
      : `The image has ${faces.length} faces, numbered from 0; there is no face ${choice}.`,
    { found: faces.length },
  );
}

/** A swapping model understands the embeddings of one recogniser; others paint a stranger. */
function checkEmbedder(
  { name, output }: ModelManifest,
  embedder: Embedder | undefined,
  models: FaceModelDirectory,
): void {
  if (output.decoder !== 'swapped-face' || output.embedder === undefined) return;
  const files = embedder ? models.manifestOf(embedder.name).files : [];
  if (files.some(({ sha256 }) => sha256 === output.embedder)) return;
  throw new FoveaError(
    'MODEL_INVALID',
    `The swapping model ${name} does not understand the embeddings of ${embedder?.name ?? 'this suite'}; use the pack that it was made for.`,
    { swapper: name, embedder: embedder?.name ?? null },
  );
}

function ownEmbedding(
  source: Extract<SwapRequest['source'], { embedding: unknown }>,
  embedder: Embedder | undefined,
): Pick<Face, 'embedding_norm'> & { readonly embedding: readonly number[] } {
  const { embedding, norm, digest } = source;
  if (embedder && digest === embedder.digest)
    return { embedding, ...(norm === undefined ? {} : { embedding_norm: norm }) };
  throw new FoveaError(
    'EMBEDDING_MODEL_MISMATCH',
    'The embedding was made by another model than the one in use; make it anew.',
    { expected: embedder?.digest ?? null, found: source.digest },
  );
}

/** Nobody may bring it without accepting its terms, so it is never there by itself. */
function noSwapper({ name }: ActiveSuite): FoveaError {
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `No model of ${name} swaps faces. The pack inswapper_128 does, with FOVEA_FACE_PACK=buffalo_l or buffalo_m; both are for non-commercial use, and brought by \`fovea setup <pack> --accept-licence\`.`,
    {
      suite: name,
      part: 'swap',
      cause: 'LICENCE_NOT_ACCEPTED',
      packs: ['inswapper_128', 'buffalo_l'],
    },
  );
}

function lacking(suite: ActiveSuite, part: FacePart | 'swap'): FoveaError {
  if (part === 'swap') return noSwapper(suite);
  const what = `tell ${part}`;
  return new FoveaError(
    'MODEL_UNAVAILABLE',
    `No model of ${suite.name} can ${what}; it has: ${[...suite.parts].join(', ')}.`,
    { suite: suite.name, part },
  );
}
