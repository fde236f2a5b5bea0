import type { Embedder } from '../faces/active-suite.ts';
import type { FaceFinding } from '../faces/face-analyzer.ts';
import type { ModelReference, StageTimings } from '../protocol/analysis.ts';
import type { Face } from '../protocol/face.ts';
import type { Recogniser, UsedFace } from '../protocol/faces.ts';

/** A recogniser as it is answered. */
export function shownRecogniser({ name, version, digest, size, match }: Embedder): Recogniser {
  return { name, version, digest, size, threshold: match ?? null };
}

/** A face that took part, and which of its image's it is. */
export function shownUse(face: Face, faces: readonly Face[]): UsedFace {
  const { box, score, quality } = face;
  return { index: faces.indexOf(face), of: faces.length, box, score, quality };
}

type Stages = FaceFinding['stages'];

/** Stages of several pictures that were looked at together, and the time that passed. */
export function spentSince(started: number, all: readonly Partial<Stages>[]): StageTimings {
  const sum = { queue: 0, decode: 0, preprocess: 0, inference: 0, postprocess: 0 };
  for (const stages of all)
    for (const name of Object.keys(sum) as (keyof Stages)[]) sum[name] += stages[name] ?? 0;
  return { ...sum, total: performance.now() - started };
}

/** Every model once. */
export function modelsOf(all: readonly (readonly ModelReference[])[]): ModelReference[] {
  const byName = new Map<string, ModelReference>();
  for (const { inference_ms: ms = 0, ...model } of all.flat()) {
    const known = byName.get(model.name)?.inference_ms ?? 0;
    byName.set(model.name, { ...model, inference_ms: known + ms });
  }
  return [...byName.values()];
}
