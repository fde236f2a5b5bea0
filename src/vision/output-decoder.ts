import type { ModelManifest } from '../protocol/model-manifest.ts';
import type { ObjectThresholds } from './object-rule.ts';
import type { OutputTensors } from './output-tensor.ts';

export type DecoderName = ModelManifest['output']['decoder'];

/** What a decoder reads of the manifest, with the output that it is for. */
export interface DecoderManifest<D extends DecoderName> extends Pick<
  ModelManifest,
  'input' | 'labels'
> {
  readonly thresholds: ObjectThresholds;
  readonly output: Extract<ModelManifest['output'], { decoder: D }>;
}

/** Raw outputs to values. @throws FoveaError MODEL_INVALID when the outputs do not fit the manifest. */
export type OutputDecoder<D extends DecoderName, Value> = (
  outputs: OutputTensors,
  manifest: DecoderManifest<D>,
) => Value;
