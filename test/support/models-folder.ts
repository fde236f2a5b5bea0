import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFaceModel } from './face-directory.ts';

export interface ModelsFolder {
  /** For `FOVEA_MODELS_DIR`. */
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** A folder of models for a whole server, as an operator would make it: each a manifest that names a file of this machine. */
export async function modelsFolder(models: readonly TestFaceModel[]): Promise<ModelsFolder> {
  const path = await mkdtemp(join(tmpdir(), 'fovea-models-folder-'));
  const originals = await mkdtemp(join(tmpdir(), 'fovea-models-originals-'));
  for (const { manifest, bytes } of models) {
    const original = join(originals, `${manifest.name}.onnx`);
    await writeFile(original, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const files = [{ path: 'model.onnx', source: `file:${original}`, sha256, bytes: bytes.length }];
    const folder = join(path, manifest.name, manifest.version);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
  }
  const remove = async (): Promise<void> => {
    for (const each of [path, originals]) await rm(each, { recursive: true, force: true });
  };
  return { path, remove };
}
