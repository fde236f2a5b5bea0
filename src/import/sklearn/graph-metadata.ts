import type { Signature } from './signature.ts';

/** Of what stands under `fovea.signature`. */
export const carriedVersion = 1;

/**
 * What the tensors of a graph do not say, as JSON in its metadata. `fovea.signature` is all of it, so that the file can be
 * served without the original: `version`, `sklearnVersion` and the signature. `fovea.features` (columns over all
 * inputs in order), `fovea.unused`, `fovea.classes`, `fovea.nullable` are what any exporter may write. Texts are no columns of the graph.
 */
export function graphMetadata(
  signature: Signature,
  sklearnVersion: string | undefined,
): Map<string, string> {
  const { inputs, classes, unused } = signature;
  const carried = { version: carriedVersion, sklearnVersion, ...signature };
  const metadata = new Map([['fovea.signature', JSON.stringify(carried)]]);
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
