import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';

/** Puts a model into the folder's `models`, as an operator would; its files come from the folder's `originals`. */
export async function writeModel(
  folder: string,
  manifest: ModelManifest,
  contents: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const originals = join(folder, 'originals', manifest.name);
  const place = join(folder, 'models', manifest.name, manifest.version);
  for (const each of [originals, place]) await mkdir(each, { recursive: true });
  const files = [];
  for (const [path, bytes] of Object.entries(contents)) {
    await writeFile(join(originals, path), bytes);
    files.push({ path, source: `file:${join(originals, path)}`, bytes: bytes.length });
  }
  await writeFile(join(place, 'manifest.json'), JSON.stringify({ ...manifest, files }));
}
