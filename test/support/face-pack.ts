import { createHash } from 'node:crypto';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { packNamed } from '../../src/models/packs/index.ts';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { faceModels, vectorModel } from './face-models.ts';

/** A model with other names of its inputs and outputs. */
function renamed(bytes: Uint8Array, names: Readonly<Record<string, string>>): Uint8Array {
  const model = decodeModel(bytes);
  const { graph } = model;
  const nameOf = (name: string): string => names[name] ?? name;
  const rename = <T extends { readonly name: string }>(value: T): T => ({
    ...value,
    name: nameOf(value.name),
  });
  return encodeModel({
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map(rename),
      outputs: graph.outputs.map(rename),
      nodes: graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(nameOf),
        outputs: node.outputs.map(nameOf),
      })),
    },
  });
}

/** Files as buffalo_l's archive has them, of the same inputs and outputs, small and with random weights. */
export function randomBuffalo(): Readonly<Record<string, Uint8Array>> {
  const normalising = { side: 192, scale: 0.3, normalises: 'bn_data' } as const;
  const [scores, boxes, points] = [
    ['448', '471', '494'],
    ['451', '474', '497'],
    ['454', '477', '500'],
  ];
  const strides = [8, 16, 32];
  const nodes = strides.flatMap((stride, at) => [
    [`score_${stride}`, scores?.[at]],
    [`bbox_${stride}`, boxes?.[at]],
    [`kps_${stride}`, points?.[at]],
  ]);
  return {
    'det_10g.onnx': renamed(
      faceModels['scrfd-9'](),
      Object.fromEntries(nodes) as Record<string, string>,
    ),
    'w600k_r50.onnx': renamed(faceModels.arcface(), { data: 'input.1', fc1: '683' }),
    'genderage.onnx': faceModels.genderage(),
    '2d106det.onnx': vectorModel({ ...normalising, seed: 41, values: 212 }),
    '1k3d68.onnx': vectorModel({ ...normalising, seed: 42, values: 3309 }),
  };
}

export async function zipOf(files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return await buffer(zip.outputStream);
}

/**
 * Lets the pack of this process come from another archive: its manifests stay as they are, but for where the files are, and
 * the digests of what is there.
 */
export function packFrom(
  archive: string,
  pack: string,
  files: Readonly<Record<string, Uint8Array>>,
): void {
  for (const model of packNamed(pack).models) {
    const [{ path, source } = { path: '', source: '' }] = model.files;
    const member = source.replace(/^.*#/, '');
    const content = files[member] ?? new Uint8Array();
    const sha256 = createHash('sha256').update(content).digest('hex');
    const moved = { path, source: `zip:${archive}#${member}`, sha256, bytes: content.length };
    Object.assign(model, { files: [moved] } satisfies Partial<ModelManifest>);
  }
}
