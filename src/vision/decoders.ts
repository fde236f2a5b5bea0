import type { ModelManifest } from '../protocol/model-manifest.ts';
import { decodeBlazeface } from './blazeface.ts';
import type { Detection, OutputTensors } from './detection.ts';

/** Raw outputs to detections in pixels of the model's input. */
export type OutputDecoder = (
  outputs: OutputTensors,
  manifest: Pick<ModelManifest, 'input' | 'output' | 'thresholds'>,
) => Detection[];

/** One line per decoder that a manifest may name. */
export const decoders = {
  blazeface: decodeBlazeface,
} as const satisfies Record<ModelManifest['output']['decoder'], OutputDecoder>;
