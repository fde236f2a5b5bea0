import { decodeModel } from '../../onnx/decode-model.ts';
import { encodeModel } from '../../onnx/encode-model.ts';
import type { DecodeLimits } from '../../onnx/message-reader.ts';
import type { Model } from '../../onnx/model.ts';
import { checkGraph } from './check-graph.ts';
import { declaredSignature, type DeclaredSignature } from './declared-signature.ts';
import { classifierLabels, stripZipMap, type Label } from './strip-zipmap.ts';

export interface OnnxImport {
  /** The file to serve; undefined when the given one is served as it is. */
  readonly edited: Uint8Array | undefined;
  /** What is in that file. */
  readonly model: Model;
  readonly declared: DeclaredSignature;
  /** Class labels that the graph names, and the output of their probabilities where it says so. */
  readonly classes: readonly Label[] | undefined;
  readonly probabilities: string | undefined;
  readonly producer: string;
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: number;
}

/**
 * Reads an ONNX file without trusting it and makes it servable: refuses what it must not contain
 * and takes out ZipMap.
 * @throws OnnxFormatError for bytes that are no model; ModelRefusal for a model that is not served.
 */
export function importOnnx(bytes: Uint8Array, limits?: DecodeLimits): OnnxImport {
  const original = decodeModel(bytes, limits);
  checkGraph(original);
  const { model, classes } = stripZipMap(original);
  const [zipped] = classes;
  const plain = model === original;
  return {
    edited: plain ? undefined : encodeModel(model),
    model,
    declared: declaredSignature(model),
    classes: zipped?.[1] ?? classifierLabels(model.graph),
    probabilities: zipped?.[0],
    producer: `${model.producerName} ${model.producerVersion}`.trim().slice(0, 100),
    opsets: Object.fromEntries(model.opsets),
    metadata: model.metadata,
    nodes: model.graph.nodes.length,
  };
}
