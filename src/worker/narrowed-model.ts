import { FoveaError } from '../errors.ts';
import type { DetectOptions } from '../protocol/object.ts';
import type { HostedModel } from './hosted-model.ts';

/** More labels than anybody reads in a message. */
const shownLabels = 20;

/**
 * The model with the caller's thresholds in the place of its own.
 * @throws FoveaError REQUEST_INVALID for a class that the model does not know
 */
export function narrowed(model: HostedModel, options: DetectOptions): HostedModel {
  const { score, iou, most, classes, classScores } = options;
  const { manifest } = model.spec;
  const { labels = [], thresholds } = manifest;
  for (const label of Object.keys(classScores ?? {})) idOf(label, labels);
  const changed = {
    ...thresholds,
    ...(score === undefined ? {} : { score, class_scores: {} }),
    ...(iou === undefined ? {} : { iou }),
    ...(most === undefined ? {} : { most }),
    ...(classes === undefined ? {} : { only: classes.map((name) => idOf(name, labels)) }),
  };
  const class_scores = { ...changed.class_scores, ...classScores };
  const narrow = { ...manifest, thresholds: { ...changed, class_scores } };
  return { ...model, spec: { ...model.spec, manifest: narrow } };
}

/** By label, or by its number. */
function idOf(name: string, labels: readonly string[]): number {
  const id = labels.indexOf(name);
  if (id >= 0) return id;
  if (/^\d{1,6}$/.test(name) && Number(name) < labels.length) return Number(name);
  const shown = labels.slice(0, shownLabels).join(', ');
  throw new FoveaError(
    'REQUEST_INVALID',
    `The model knows no class ${JSON.stringify(name.slice(0, 80))}; it knows ${labels.length}: ${shown}${labels.length > shownLabels ? '…' : ''}.`,
    { class: name.slice(0, 80), labels: labels.slice(0, 100) },
  );
}
