import type { ImageRecord } from '../db/images.ts';
import type { Want } from '../engine/tasks.ts';
import type { Analysis, AnalysisPart, ModelReference, StageTimings } from '../protocol/analysis.ts';
import type { Issue } from '../protocol/image.ts';
import type { ModelTask } from '../protocol/model-manifest.ts';
import { chooseParts, type PartOptions, type PicturePart } from './analysis-parts.ts';
import type { Analyzer, Finding, Subject } from './analyzer.ts';
import type { ImageLibrary } from './image-library.ts';
import { brokenRules, rulesNeedFaces, type ValidationRules } from './validation-rules.ts';

/** An encoded image as it arrived, with the SHA-256 of its bytes in hex. */
export interface ReceivedImage {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly source: 'upload' | 'url';
  readonly sourceUrl: string | null;
}

export interface Caller {
  /** `null` under open access. */
  readonly ownerId: string | null;
  /** An administrator, who sees everybody's. */
  readonly seesAll?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Validation {
  readonly image_id: string;
  readonly valid: boolean;
  readonly issues: Issue[];
}

export interface AnalyzeOptions extends PartOptions {
  /** Drop what is cached for the image and compute anew. */
  readonly wipeCache: boolean;
}

/** What the model for pictures and texts says of a whole picture. */
export interface PictureDescription extends Pick<Analysis, 'image_embedding' | 'tags'> {
  readonly cached: boolean;
  readonly timings: StageTimings;
  readonly models: readonly ModelReference[];
}

/** What `EmbeddingService` is. */
export interface PictureDescriber {
  /** @throws FoveaError MODEL_UNAVAILABLE when there is no model for it. */
  describe(
    image: Subject,
    parts: readonly PicturePart[],
    signal: AbortSignal | undefined,
  ): Promise<PictureDescription>;
  /** Forgets what is cached for the image. */
  wipe(sha256: string): void;
}

/** Whether no model for a task can be had, now and without somebody's help. */
export type TaskLost = (task: ModelTask) => boolean;

/** The one flow: an image comes in, is validated, kept, and analysed as often as asked by its id. */
export class ImageService {
  readonly #library: ImageLibrary;
  readonly #analyzer: Analyzer;
  readonly #rules: ValidationRules;
  readonly #lost: TaskLost;
  readonly #describer: PictureDescriber;

  constructor(
    library: ImageLibrary,
    analyzer: Analyzer,
    rules: ValidationRules,
    lost: TaskLost,
    describer: PictureDescriber,
  ) {
    this.#library = library;
    this.#analyzer = analyzer;
    this.#rules = rules;
    this.#lost = lost;
    this.#describer = describer;
  }

  /** Keeps the image if it can be decoded, valid or not. @throws FoveaError IMAGE_* when it cannot. */
  async validate(image: ReceivedImage, caller: Caller): Promise<Validation> {
    const want: Want[] = rulesNeedFaces(this.#rules) ? ['quality', 'faces'] : ['quality'];
    const { output } = await this.#analyzer.analyze(image, want, caller);
    const record = await this.#keep(image, output, caller);
    const issues = brokenRules({ ...output, byteSize: image.bytes.length }, this.#rules);
    return { image_id: record.id, valid: issues.length === 0, issues };
  }

  async analyze(image: ReceivedImage, options: AnalyzeOptions, caller: Caller): Promise<Analysis> {
    const found = await this.#find(image, options, caller);
    const record = await this.#keep(image, found.finding.output, caller);
    return analysisOf(record.id, found);
  }

  /** What is in the cache is answered without the image store. @throws FoveaError IMAGE_NOT_FOUND, STORAGE_UNAVAILABLE. */
  async analyzeById(id: string, options: AnalyzeOptions, caller: Caller): Promise<Analysis> {
    const record = await this.#library.find(id, caller);
    const { sha256 } = record;
    // Nothing is wiped before it is sure that it can be computed anew.
    const bytes = options.wipeCache ? await this.#library.content(record) : undefined;
    let read = bytes !== undefined;
    const content = async (): Promise<Uint8Array> => {
      read = true;
      return await this.#library.content(record);
    };
    const subject = { sha256, bytes: bytes ?? content };
    const found = await this.#find(subject, options, caller);
    if (!read) await this.#library.confirm(record);
    return analysisOf(id, found);
  }

  async remove(id: string, caller: Caller): Promise<void> {
    const record = await this.#library.find(id, caller);
    await this.#library.remove(record);
    this.#analyzer.wipe(record.sha256);
    this.#describer.wipe(record.sha256);
  }

  async #find(image: Subject, options: AnalyzeOptions, caller: Caller): Promise<Found> {
    const { want, picture, degraded } = chooseParts(options, this.#lost);
    if (options.wipeCache) {
      this.#analyzer.wipe(image.sha256);
      this.#describer.wipe(image.sha256);
    }
    const [finding, description] = await Promise.all([
      this.#analyzer.analyze(image, want, caller),
      picture.length > 0 ? this.#describer.describe(image, picture, caller.signal) : undefined,
    ]);
    return { finding, degraded, ...(description && { description }) };
  }

  async #keep(
    image: ReceivedImage,
    found: Finding['output'],
    caller: Caller,
  ): Promise<ImageRecord> {
    const { sha256, source, sourceUrl, bytes } = image;
    const { format, width, height } = found;
    const { ownerId } = caller;
    return await this.#library.keep(
      { ownerId, sha256, format, width, height, byteSize: bytes.length, source, sourceUrl },
      bytes,
    );
  }
}

/** What was found, and what of it could not be looked for. */
export interface Found {
  readonly finding: Finding;
  readonly degraded: readonly AnalysisPart[];
  readonly description?: PictureDescription;
}

/** The answer that the API gives for what was found. */
export function analysisOf(image_id: string, { finding, degraded, description }: Found): Analysis {
  const { width, height, faces, objects, models } = finding.output;
  const { image_embedding: embedding, tags } = description ?? {};
  return {
    image_id,
    width,
    height,
    cached: finding.cached && (description?.cached ?? true),
    ...(faces ? { faces: [...faces] } : {}),
    ...(objects ? { objects: [...objects] } : {}),
    ...(embedding ? { image_embedding: embedding } : {}),
    ...(tags ? { tags } : {}),
    degraded: [...degraded],
    timings_ms: description ? together(finding.timings, description.timings) : finding.timings,
    models: [
      ...models.map(({ inference_ms: ms, ...model }) =>
        finding.cached || ms === undefined ? model : { ...model, inference_ms: ms },
      ),
      ...(description?.models ?? []),
    ],
  };
}

/** Two that ran side by side: their work adds up, the time on the clock does not. */
function together(a: StageTimings, b: StageTimings): StageTimings {
  const sum = (stage: keyof StageTimings): number => Math.round((a[stage] + b[stage]) * 100) / 100;
  return {
    queue: sum('queue'),
    decode: sum('decode'),
    preprocess: sum('preprocess'),
    inference: sum('inference'),
    postprocess: sum('postprocess'),
    total: Math.max(a.total, b.total),
  };
}
