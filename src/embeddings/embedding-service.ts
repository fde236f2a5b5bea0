import type { EmbedImageOutput } from '../engine/embedding-tasks.ts';
import type { Engine } from '../engine/engine.ts';
import type { AnalyzeInput } from '../engine/tasks.ts';
import type { PicturePart } from '../images/analysis-parts.ts';
import type { Subject } from '../images/analyzer.ts';
import type { PictureDescriber, PictureDescription } from '../images/image-service.ts';
import { SharedWork } from '../images/shared-work.ts';
import type { ModelReference, StageTimings } from '../protocol/analysis.ts';
import { defaultTemplate } from '../protocol/embedding.ts';
import { ResultCache } from '../store/result-cache.ts';
import {
  embeddingModel,
  type EmbeddingModel,
  type EmbeddingModelDirectory,
} from './embedding-model.ts';
import { labelScores, meanEmbedding, type LabelScore } from './label-scores.ts';
import { sumOf, TextEmbeddings } from './text-embeddings.ts';

export interface EmbeddingServiceOptions {
  readonly engine: Pick<Engine, 'run'>;
  readonly models: EmbeddingModelDirectory;
  /** The pack in use; nothing works without. */
  readonly pack: string | undefined;
  /** What `tags` chooses from. */
  readonly labels: readonly string[];
  readonly limits: AnalyzeInput['limits'];
  readonly timeoutMs: number;
}

interface Made {
  readonly cached: boolean;
  readonly model: ModelReference;
  readonly timings: StageTimings;
}

export interface EmbeddedImages extends Made {
  /** In the order of the images, of length 1. */
  readonly images: readonly { readonly embedding: Float32Array; readonly cached: boolean }[];
}

export interface EmbeddedTexts extends Made {
  /** Of length 1, in the order of the texts. */
  readonly embeddings: readonly Float32Array[];
}

export interface ZeroShot extends Made {
  /** Best first. */
  readonly labels: readonly LabelScore[];
}

type Stages = Readonly<Partial<StageTimings>>;

/** What is made of one picture by the model that is held meanwhile. */
interface Seen {
  readonly embedding: Float32Array;
  readonly cached: boolean;
  readonly stages: Stages;
}

/** 16 MiB: some 8,000 pictures of 512 numbers. */
const imageCacheBytes = 16 * 1024 * 1024;
/** Tags of an analysis: as many as a reader takes in, and none that is mere noise. */
const mostTags = 10;
const leastTagScore = 0.01;

/** Pictures and texts as points of one space, by the model of one pack; what is compared there. */
export class EmbeddingService implements PictureDescriber {
  readonly #options: EmbeddingServiceOptions;
  readonly #texts = new TextEmbeddings();
  readonly #pictures = new ResultCache<Float32Array>(
    imageCacheBytes,
    ({ byteLength }) => byteLength + 200,
  );
  readonly #inFlight = new SharedWork<{ output: EmbedImageOutput; queueMs: number }>();

  constructor(options: EmbeddingServiceOptions) {
    this.#options = options;
  }

  /** @throws FoveaError IMAGE_*, MODEL_UNAVAILABLE, or what `Engine.run` throws; as all of these. */
  async embedImages(images: readonly Subject[], signal?: AbortSignal): Promise<EmbeddedImages> {
    return await this.#with(signal, async (model, started) => {
      const seen = await Promise.all(images.map(async (image) => this.#see(image, model, signal)));
      const cached = seen.every((each) => each.cached);
      const stages = seen.map((each) => each.stages).reduce(sumOf, {});
      return { images: seen, ...made(model, cached, stages, started) };
    });
  }

  async embedTexts(texts: readonly string[], signal?: AbortSignal): Promise<EmbeddedTexts> {
    return await this.#with(signal, async (model, started) => {
      const { embeddings, cached, stages } = await this.#read(texts, model, signal);
      return { embeddings, ...made(model, cached, stages, started) };
    });
  }

  /**
   * Which of the labels fits the picture.
   * @param templates wordings with `{}` for the label; of several, the mean counts
   */
  async zeroShot(
    image: Subject,
    labels: readonly string[],
    templates: readonly string[],
    signal?: AbortSignal,
  ): Promise<ZeroShot> {
    return await this.#with(signal, async (model, started) => {
      const seen = await this.#see(image, model, signal);
      const found = await this.#score(seen, labels, templates, model, signal);
      return { labels: found.labels, ...made(model, found.cached, found.stages, started) };
    });
  }

  async describe(
    image: Subject,
    parts: readonly PicturePart[],
    signal: AbortSignal | undefined,
  ): Promise<PictureDescription> {
    return await this.#with(signal, async (model, started) => {
      const seen = await this.#see(image, model, signal);
      const scored = parts.includes('tags')
        ? await this.#score(seen, this.#options.labels, [defaultTemplate], model, signal)
        : undefined;
      const { cached, stages } = scored ?? seen;
      const { model: reference, timings } = made(model, cached, stages, started);
      return {
        cached,
        timings,
        models: [reference],
        ...(parts.includes('image_embedding') ? { image_embedding: shown(seen.embedding) } : {}),
        ...(scored ? { tags: tagsAmong(scored.labels) } : {}),
      };
    });
  }

  wipe(sha256: string): void {
    this.#pictures.wipe(sha256);
  }

  /** Does `work` while the model is held in memory, which its files may have to come for first. */
  async #with<T>(
    signal: AbortSignal | undefined,
    work: (model: EmbeddingModel, started: number) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const { models, pack, timeoutMs } = this.#options;
    const { name } = embeddingModel(models, pack);
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
    // Anew: only when its files are here, its digest is that of their content.
    return await models.use(name, either, async () => work(embeddingModel(models, pack), started));
  }

  async #see(
    image: Subject,
    model: EmbeddingModel,
    signal: AbortSignal | undefined,
  ): Promise<Seen> {
    const { sha256, bytes } = image;
    const { engine, limits, timeoutMs } = this.#options;
    const known = this.#pictures.get(sha256, model.digest);
    if (known) return { embedding: known, cached: true, stages: {} };
    const { output, queueMs } = await this.#inFlight.join(
      `${sha256} ${model.digest}`,
      signal,
      async (all) => {
        const input = {
          image: typeof bytes === 'function' ? await bytes() : bytes,
          imageKey: sha256,
          model: model.name,
          limits,
        };
        const answer = await engine.run(model.group, 'embed-image', input, {
          signal: all,
          timeoutMs,
          affinity: sha256,
        });
        this.#pictures.set(sha256, model.digest, answer.output.embedding);
        return answer;
      },
    );
    const { embedding, stages } = output;
    return { embedding, cached: false, stages: { queue: queueMs, ...stages } };
  }

  async #read(
    texts: readonly string[],
    model: EmbeddingModel,
    signal: AbortSignal | undefined,
  ): ReturnType<TextEmbeddings['get']> {
    const { engine, timeoutMs } = this.#options;
    return await this.#texts.get(texts, model.digest, signal, async (some, all) =>
      engine.run(
        model.group,
        'embed-texts',
        { texts: some, model: model.name },
        { signal: all, timeoutMs },
      ),
    );
  }

  async #score(
    { embedding: picture, cached, stages }: Seen,
    labels: readonly string[],
    templates: readonly string[],
    model: EmbeddingModel,
    signal: AbortSignal | undefined,
  ): Promise<{ labels: LabelScore[]; cached: boolean; stages: Stages }> {
    const wordings = labels.flatMap((label) =>
      templates.map((template) => template.replaceAll('{}', () => label)),
    );
    const read = await this.#read(wordings, model, signal);
    const known = labels.map((label, index) => ({
      label,
      embedding: meanEmbedding(
        read.embeddings.slice(index * templates.length, (index + 1) * templates.length),
      ),
    }));
    return {
      labels: labelScores(picture, known, model.output.scale),
      cached: cached && read.cached,
      stages: sumOf(stages, read.stages),
    };
  }
}

/** Without digits that mean nothing: a float32 near 1 has seven. */
export function shown(embedding: Float32Array): number[] {
  return Array.from(embedding, (value) => Math.round(value * 1e7) / 1e7 + 0);
}

function tagsAmong(labels: readonly LabelScore[]): { label: string; score: number }[] {
  return labels
    .filter(({ score }) => score >= leastTagScore)
    .slice(0, mostTags)
    .map(({ label, score }) => ({ label, score: Math.round(score * 1e4) / 1e4 }));
}

function made(
  { name, version, digest }: EmbeddingModel,
  cached: boolean,
  stages: Stages,
  started: number,
): Made {
  const none = { queue: 0, decode: 0, preprocess: 0, inference: 0, postprocess: 0 };
  const all = { ...none, ...stages, total: performance.now() - started };
  const rounded = Object.entries(all).map(([stage, ms]) => [stage, Math.round(ms * 100) / 100]);
  return {
    cached,
    model: { name, version, digest },
    timings: Object.fromEntries(rounded) as StageTimings,
  };
}
