import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { locateSource } from '../../src/hub/sources.ts';
import { importTfjs } from '../../src/import/tfjs/import-tfjs.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { Session } from '../../src/worker/session.ts';

const tfjs = 'tfjs:';

/** The TensorFlow.js files that a catalog model is made from. */
export async function originalOf({ files: [file] }: ModelManifest) {
  const modelJson = await locateSource(file?.source.slice(tfjs.length) ?? '');
  const json = await readFile(modelJson);
  const { weightsManifest } = JSON.parse(json.toString('utf8')) as {
    weightsManifest: readonly { paths: readonly string[] }[];
  };
  const paths = weightsManifest.flatMap((group) => group.paths);
  const shards = await Promise.all(paths.map((path) => readFile(join(dirname(modelJson), path))));
  return { json, weights: Buffer.concat(shards) };
}

const made = new Map<string, Promise<Uint8Array>>();

/** The bytes of the model's first file, copied or made anew, once per test file. */
export async function bytesOf(manifest: ModelManifest): Promise<Uint8Array> {
  const source = manifest.files[0]?.source ?? '';
  const bytes = made.get(source) ?? (source.startsWith(tfjs) ? imported(manifest) : copied(source));
  made.set(source, bytes);
  return bytes;
}

async function copied(source: string): Promise<Uint8Array> {
  return readFile(await locateSource(source));
}

async function imported(manifest: ModelManifest): Promise<Uint8Array> {
  const { json, weights } = await originalOf(manifest);
  const { outputs } = manifest.import ?? {};
  const options = outputs ? { outputs } : {};
  return importTfjs({ modelJson: json, shards: [weights], options }).onnx;
}

/** The model as a worker holds it, without a model store. */
export async function hostModel(manifest: ModelManifest): Promise<HostedModel> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-model-'));
  try {
    const file = join(directory, 'model.onnx');
    const bytes = await bytesOf(manifest);
    await writeFile(file, bytes);
    const digest = createHash('sha256').update(bytes).digest('hex');
    return { spec: { manifest, directory, digest }, session: await Session.open(file) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
