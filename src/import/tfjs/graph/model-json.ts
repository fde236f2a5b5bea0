import { z } from 'zod';
import type { TfjsLimits } from '../limits.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';
import { guardedJson } from './json-guard.ts';

/*
 * The form of a TensorFlow.js `model.json` of format "graph-model": tfjs-core `io/types.ts`
 * (ModelJSON, WeightsManifestEntry) and tfjs-converter `data/compiled_api.ts` (GraphDef). Both Apache-2.0.
 */

const name = z.string().min(1).max(2048);

const quantization = z.object({
  dtype: z.enum(['float16', 'uint8', 'uint16']),
  scale: z.number().optional(),
  min: z.number().optional(),
});

const weightEntry = z.object({
  name,
  shape: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .max(16),
  dtype: z.string().max(32),
  quantization: quantization.optional(),
});
export type WeightEntry = z.infer<typeof weightEntry>;

const weightsManifest = z.array(
  z.object({ paths: z.array(z.string().max(1024)).max(100_000), weights: z.array(weightEntry) }),
);
export type WeightsManifest = z.infer<typeof weightsManifest>;

const node = z.object({
  name,
  op: z.string().min(1).max(256),
  input: z.array(z.string().max(2048)).max(10_000).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
});
export type NodeJson = z.infer<typeof node>;

const size = z.union([z.string().regex(/^-?\d{1,19}$/), z.number()]).transform(Number);
const shape = z.object({
  dim: z.array(z.object({ size: size.default(-1) })).default([]),
  unknownRank: z.boolean().optional(),
});
const tensorInfo = z.object({
  name: name.optional(),
  dtype: z.union([z.string(), z.number()]).optional(),
  tensorShape: shape.nullish(),
});
export type TensorInfoJson = z.infer<typeof tensorInfo>;

const signature = z.object({
  inputs: z.record(z.string(), tensorInfo).nullish(),
  outputs: z.record(z.string(), tensorInfo).nullish(),
});
export type SignatureJson = z.infer<typeof signature>;

const functions = z.array(
  z.object({ signature: z.object({ name: z.string().optional() }).optional() }),
);

const graphModel = z.object({
  format: z.literal('graph-model').optional(),
  generatedBy: z.string().nullish(),
  convertedBy: z.string().nullish(),
  signature: signature.nullish(),
  userDefinedMetadata: z.object({ signature: signature.nullish() }).nullish(),
  modelTopology: z.object({
    node: z.array(node).min(1),
    library: z.object({ function: functions.nullish() }).nullish(),
  }),
  weightsManifest,
});
export type GraphModelJson = z.infer<typeof graphModel>;

/** Reads `model.json`. @throws TfjsImportError */
export function readModelJson(source: Uint8Array | object, limits: TfjsLimits): GraphModelJson {
  const value = guardedJson(source, limits);
  refuseOtherFormats(value);
  const parsed = graphModel.safeParse(value);
  if (parsed.success) {
    const count = parsed.data.modelTopology.node.length;
    if (count <= limits.nodes) return parsed.data;
    throw new TfjsImportError(
      'TFJS_LIMIT',
      `The graph has ${count} nodes, at most ${limits.nodes}.`,
    );
  }
  const issues = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.slice(0, 8).join('.') || 'model.json'}: ${issue.message}`);
  throw new TfjsImportError('TFJS_JSON_INVALID', `Not a valid graph-model: ${issues.join('; ')}.`, {
    issues,
  });
}

function refuseOtherFormats(value: unknown): void {
  const root = asObject(value);
  const topology = asObject(root['modelTopology']);
  const keras = 'model_config' in topology || 'class_name' in topology || 'className' in topology;
  if (root['format'] === 'layers-model' || keras || 'keras_version' in topology) {
    throw new TfjsImportError(
      'TFJS_LAYERS_MODEL',
      'This is a layers-model: it names Keras layers and has no graph. Convert it first: ' +
        'tensorflowjs_converter --input_format=tfjs_layers_model --output_format=tfjs_graph_model ' +
        '<model.json> <folder>, then import the model.json of that folder.',
    );
  }
  const format = root['format'];
  if ((format !== undefined && format !== 'graph-model') || !Array.isArray(topology['node'])) {
    const found = typeof format === 'string' ? `"${format.slice(0, 64)}"` : 'nothing';
    throw new TfjsImportError(
      'TFJS_NOT_A_GRAPH_MODEL',
      `Not a TensorFlow.js graph model: format is ${found}, required "graph-model" with modelTopology.node.`,
    );
  }
}

function asObject(value: unknown): Record<string, unknown> {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return plain ? (value as Record<string, unknown>) : {};
}
