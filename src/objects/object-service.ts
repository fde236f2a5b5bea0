import { hash } from 'node:crypto';
import type { OwnLookModel } from '../engine/object-tasks.ts';
import type { AnalyzeOutput } from '../engine/tasks.ts';
import type { ModelCacheLimits } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import { visionGroup, type Analyzer, type Finding, type Look } from '../images/analyzer.ts';
import type { Caller } from '../images/image-service.ts';
import type { ResolvedVersion } from '../models/model-directory.ts';
import type { ModelFiles } from '../models/model-files.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { NamedVersions } from '../models/named-versions.ts';
import { versionKey, type VersionHolds } from '../models/version-holds.ts';
import type { StageTimings } from '../protocol/analysis.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { VisionSpec, VisionTask } from '../protocol/vision-spec.ts';
import type { ClassScore, DetectedObject, DetectOptions } from '../protocol/object.ts';

/** The group whose workers run models that users uploaded for images: a hostile one costs nobody else. */
export const ownVisionGroup = 'own-vision';

export interface ObjectServiceOptions {
  readonly analyzer: Analyzer;
  readonly registry: ModelRegistry;
  readonly versions: NamedVersions;
  readonly files: ModelFiles;
  readonly holds: VersionHolds;
  readonly limits: ModelCacheLimits;
  /** Longest wait for a model that is loaded on first use. */
  readonly timeoutMs: number;
}

/** An image and who asks what of it. */
export interface LookRequest {
  /** The encoded image. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes in hex, where it is known. */
  readonly sha256?: string | undefined;
  /** A model of the catalog by name, or an uploaded one by id or name; the first one for the task when left out. */
  readonly model?: string | undefined;
  /** Of an uploaded model: a number or an alias. */
  readonly version?: string | undefined;
  readonly caller: Caller;
  /** Beside the caller's own signal. */
  readonly signal?: AbortSignal | undefined;
}

export interface DetectRequest extends LookRequest {
  readonly options?: DetectOptions | undefined;
}

/** What every look at an image answers with. */
export interface Looked {
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  /** The answer was kept from an earlier request. */
  readonly cached: boolean;
  readonly timings: StageTimings;
  readonly models: AnalyzeOutput['models'];
}

export interface Detected extends Looked {
  /** Best first; boxes in pixels of the upright image. */
  readonly detections: readonly DetectedObject[];
}

export interface Classified extends Looked {
  /** Best first. */
  readonly classes: readonly ClassScore[];
}

/** Finds objects in images and says what they show, by models of the catalog and of users. Nothing is kept of the image. */
export class ObjectService {
  readonly #options: ObjectServiceOptions;

  constructor(options: ObjectServiceOptions) {
    this.#options = options;
  }

  /**
   * @throws FoveaError IMAGE_*, REQUEST_INVALID for options that do not fit the model, MODEL_NOT_FOUND, MODEL_ARCHIVED, MODEL_PURGED,
   * MODEL_UNAVAILABLE, or what `Engine.run` throws.
   */
  async detect(request: DetectRequest): Promise<Detected> {
    const found = await this.#look('object-detection', request, request.options ?? {});
    return { ...lookedAt(found), detections: found.output.objects ?? [] };
  }

  /** @throws FoveaError as `detect` does. */
  async classify(request: LookRequest): Promise<Classified> {
    const found = await this.#look('image-classification', request, {});
    return { ...lookedAt(found), classes: found.output.classes ?? [] };
  }

  async #look(task: VisionTask, request: LookRequest, options: DetectOptions): Promise<Finding> {
    const { bytes, sha256 = hash('sha256', bytes, 'hex'), caller, signal } = request;
    const { resolved, ...place } = await this.#place(task, request);
    const signals = [caller.signal, signal].filter((one) => one !== undefined);
    const left = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
    const look = async (): Promise<Finding> =>
      this.#options.analyzer.look({ bytes, sha256 }, { task, options, ...place }, left);
    if (resolved) {
      const release = this.#options.holds.hold(resolved);
      return await look().finally(release);
    }
    if (place.model === undefined) return await look();
    // One of the catalog that is loaded on first use comes now, and stays while it is looked with.
    const deadline = AbortSignal.timeout(this.#options.timeoutMs);
    const either = left ? AbortSignal.any([left, deadline]) : deadline;
    return await this.#options.registry.use(place.model, either, look);
  }

  /** Models of the catalog go before uploaded ones of the same name: they answer without the database. */
  async #place(
    task: VisionTask,
    { model, version, caller }: LookRequest,
  ): Promise<Pick<Look, 'group' | 'model' | 'own'> & { readonly resolved?: ResolvedVersion }> {
    if (model === undefined) return { group: visionGroup };
    const known = this.#options.registry.list().some(({ name }) => name === model);
    if (known && version === undefined)
      return { group: this.#options.registry.manifestOf(model).group, model };
    const resolved = await this.#options.versions.resolve(model, version, caller);
    return { group: ownVisionGroup, own: this.#own(task, resolved), resolved };
  }

  #own(task: VisionTask, resolved: ResolvedVersion): OwnLookModel {
    const { model, version } = resolved;
    const { vision } = version;
    if (vision?.task !== task)
      throw new FoveaError(
        'REQUEST_INVALID',
        `The model ${model.name} is for ${vision?.task ?? 'rows of a table'}, not for ${task}; ${vision ? 'ask the route of its task' : 'POST /api/v1/predict/{id} runs it'}.`,
        { model: model.name, task, model_task: vision?.task ?? 'predict' },
      );
    const { ownerId, name } = model;
    return {
      served: {
        key: versionKey(model.id, version.version),
        path: this.#options.files.servedPath({ ownerId, name, version: version.version }),
      },
      manifest: manifestOf(resolved, vision),
      digest: version.sha256,
      limits: this.#options.limits,
    };
  }
}

/** As a manifest of the catalog would be. */
function manifestOf({ model, version }: ResolvedVersion, vision: VisionSpec): ModelManifest {
  return {
    ...vision,
    name: model.name,
    version: String(version.version),
    description: model.description,
    files: version.files.map(({ name, size_bytes: bytes, sha256 }) => ({
      path: name,
      source: 'upload',
      sha256,
      bytes,
    })),
    licence: { spdx: 'unknown', holder: 'who uploaded it' },
    origin: 'uploaded',
    group: ownVisionGroup,
    load: 'lazy',
    warmup: 1,
  };
}

function lookedAt({ output, cached, timings }: Finding): Looked {
  const { width, height, models } = output;
  return { width, height, models, cached, timings };
}
