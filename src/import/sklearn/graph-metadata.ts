import type { Signature } from './signature.ts';

/**
 * What the tensors of a graph do not say, as JSON in its metadata: `fovea.features` (columns over all
 * inputs in order), `fovea.unused`, `fovea.classes`, `fovea.nullable`. Texts are no columns of the graph.
 */
export function graphMetadata({ inputs, classes, unused }: Signature): Map<string, string> {
  const metadata = new Map<string, string>();
  const features = inputs.flatMap(
    ({ name, features: columns }) => columns ?? (inputs.length > 1 ? [name] : []),
  );
  const hasTexts = inputs.some(({ text }) => text);
  if (features.length > 0 && !hasTexts) {
    metadata.set('fovea.features', JSON.stringify(features));
    if (unused) metadata.set('fovea.unused', JSON.stringify(unused));
  }
  if (classes) metadata.set('fovea.classes', JSON.stringify(classes));
  metadata.set('fovea.nullable', String(inputs.every(({ allowsMissing }) => allowsMissing)));
  return metadata;
}
