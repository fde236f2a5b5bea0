import type { Dtype } from './graph/constant.ts';
import type { Shape } from './graph/shape.ts';

export interface InputReport {
  readonly name: string;
  /** The name in the model's signature; `name` itself where there is none. */
  readonly key: string;
  readonly dtype: Dtype;
  /** -1 is a dimension that the caller chooses at each run. */
  readonly shape: Shape;
  /** A guess for images, from where the channels seem to be. */
  readonly layout: 'nhwc' | 'nchw' | null;
}

export interface OutputReport {
  readonly name: string;
  readonly key: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
}

/** What an import found and did. JSON-safe. */
export interface ImportReport {
  readonly importerVersion: string;
  readonly opset: number;
  /** Of the ONNX bytes. */
  readonly sha256: string;
  readonly inputs: readonly InputReport[];
  readonly outputs: readonly OutputReport[];
  /** ONNX nodes. */
  readonly nodes: number;
  /** Transposes left among them. */
  readonly transposes: number;
  /** Places where a tensor was at hand in NCHW, so that no transpose had to be made. */
  readonly cancelledTransposes: number;
  readonly constants: number;
  /** TensorFlow nodes computed at import. */
  readonly foldedNodes: number;
  readonly quantisedWeights: number;
  readonly warnings: readonly string[];
}
