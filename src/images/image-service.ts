import type { ImageRecord } from '../db/images.ts';
import type { Want } from '../engine/tasks.ts';
import type { Analysis } from '../protocol/analysis.ts';
import type { Issue } from '../protocol/image.ts';
import type { Analyzer, Finding } from './analyzer.ts';
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
  readonly signal?: AbortSignal | undefined;
}

export interface Validation {
  readonly image_id: string;
  readonly valid: boolean;
  readonly issues: Issue[];
}

export interface AnalyzeOptions {
  /** Drop what is cached for the image and compute anew. */
  readonly wipeCache: boolean;
}

/** The one flow: an image comes in, is validated, kept, and analysed as often as asked by its id. */
export class ImageService {
  readonly #library: ImageLibrary;
  readonly #analyzer: Analyzer;
  readonly #rules: ValidationRules;

  constructor(library: ImageLibrary, analyzer: Analyzer, rules: ValidationRules) {
    this.#library = library;
    this.#analyzer = analyzer;
    this.#rules = rules;
  }

  /** Keeps the image if it can be decoded, valid or not. @throws FoveaError IMAGE_* when it cannot. */
  async validate(image: ReceivedImage, caller: Caller): Promise<Validation> {
    const want: Want[] = rulesNeedFaces(this.#rules) ? ['quality', 'faces'] : ['quality'];
    const { output } = await this.#analyzer.analyze(image.bytes, image.sha256, want, caller.signal);
    const record = await this.#keep(image, output, caller);
    const issues = brokenRules({ ...output, byteSize: image.bytes.length }, this.#rules);
    return { image_id: record.id, valid: issues.length === 0, issues };
  }

  async analyze(image: ReceivedImage, options: AnalyzeOptions, caller: Caller): Promise<Analysis> {
    const finding = await this.#find(image.bytes, image.sha256, options, caller);
    const record = await this.#keep(image, finding.output, caller);
    return analysisOf(record.id, finding);
  }

  async analyzeById(id: string, options: AnalyzeOptions, caller: Caller): Promise<Analysis> {
    const record = await this.#library.find(id, caller.ownerId);
    const bytes = await this.#library.content(record);
    return analysisOf(id, await this.#find(bytes, record.sha256, options, caller));
  }

  async remove(id: string, caller: Caller): Promise<void> {
    const record = await this.#library.find(id, caller.ownerId);
    await this.#library.remove(record);
    this.#analyzer.wipe(record.sha256);
  }

  async #find(
    bytes: Uint8Array,
    sha256: string,
    options: AnalyzeOptions,
    caller: Caller,
  ): Promise<Finding> {
    if (options.wipeCache) this.#analyzer.wipe(sha256);
    return await this.#analyzer.analyze(bytes, sha256, ['faces'], caller.signal);
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

/** The answer that the API gives for a finding. */
export function analysisOf(image_id: string, { output, cached, timings }: Finding): Analysis {
  const { width, height, faces = [], models } = output;
  return {
    image_id,
    width,
    height,
    cached,
    faces: [...faces],
    timings_ms: timings,
    models: [...models],
  };
}
