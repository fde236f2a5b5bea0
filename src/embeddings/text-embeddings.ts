import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { EmbedTextsOutput } from '../engine/embedding-tasks.ts';
import { SharedWork } from '../images/shared-work.ts';
import type { StageTimings } from '../protocol/analysis.ts';

/** 32 MiB: some 16,000 texts of 512 numbers. */
const mostBytes = 32 * 1024 * 1024;
/** Texts per job: others of the queue get their turn between, and no job comes near a time-out. */
const perJob = 32;

type Stages = Readonly<Partial<StageTimings>>;

interface Made {
  readonly embeddings: ReadonlyMap<string, Float32Array>;
  readonly stages: Stages;
}

/** A job of the engine, with the milliseconds that it waited. */
export type RunTexts = (
  texts: readonly string[],
  signal: AbortSignal,
) => Promise<{ readonly output: EmbedTextsOutput; readonly queueMs: number }>;

/** Embeddings of texts, kept by model and text, least recently used out first; the same work is never done twice at once. */
export class TextEmbeddings {
  readonly #known = new LRUCache<string, Float32Array>({
    maxSize: mostBytes,
    sizeCalculation: (embedding, key) => embedding.byteLength + 2 * key.length,
  });
  readonly #inFlight = new SharedWork<Made>();

  /**
   * In the order of the texts.
   * @param digest of the model
   * @throws FoveaError what `run` throws
   */
  async get(
    texts: readonly string[],
    digest: string,
    signal: AbortSignal | undefined,
    run: RunTexts,
  ): Promise<{
    readonly embeddings: Float32Array[];
    readonly cached: boolean;
    readonly stages: Stages;
  }> {
    const found = new Map<string, Float32Array>();
    let stages: Stages = {};
    const missing = [...new Set(texts)].filter((text) => {
      const known = this.#known.get(keyOf(digest, text));
      if (known) found.set(text, known);
      return known === undefined;
    });
    for (let from = 0; from < missing.length; from += perJob) {
      const some = missing.slice(from, from + perJob);
      const fresh = await this.#make(some, digest, signal, run);
      stages = sumOf(stages, fresh.stages);
      for (const [text, embedding] of fresh.embeddings) found.set(text, embedding);
    }
    return {
      embeddings: texts.map((text) => found.get(text) ?? new Float32Array()),
      cached: missing.length === 0,
      stages,
    };
  }

  async #make(
    texts: readonly string[],
    digest: string,
    signal: AbortSignal | undefined,
    run: RunTexts,
  ): Promise<Made> {
    return await this.#inFlight.join(
      `${digest} ${hash('sha256', JSON.stringify(texts), 'hex')}`,
      signal,
      async (all) => {
        const { output, queueMs } = await run(texts, all);
        const embeddings = new Map<string, Float32Array>();
        for (const [index, text] of texts.entries()) {
          const embedding = output.embeddings[index];
          if (embedding === undefined) continue;
          embeddings.set(text, embedding);
          this.#known.set(keyOf(digest, text), embedding);
        }
        return { embeddings, stages: { queue: queueMs, ...output.stages } };
      },
    );
  }
}

function keyOf(digest: string, text: string): string {
  return `${digest} ${text}`;
}

/** Stage by stage. */
export function sumOf(a: Stages, b: Stages): Stages {
  const stages = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof StageTimings>;
  return Object.fromEntries([...stages].map((stage) => [stage, (a[stage] ?? 0) + (b[stage] ?? 0)]));
}
