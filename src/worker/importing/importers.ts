import { open } from 'node:fs/promises';
import { headBytes, type Importer, type SourceFiles } from './importer.ts';
import { onnxImporter } from './onnx-importer.ts';
import { sklearnImporter } from './sklearn-importer.ts';
import { tfjsImporter } from './tfjs-importer.ts';

/** Every format that can be uploaded: one file, one line. */
const importers: readonly Importer[] = [onnxImporter, tfjsImporter, sklearnImporter];

/** By what the files begin with; by their names where that says nothing. What they hold is proved by the import itself. */
export async function importerFor(files: SourceFiles): Promise<Importer | undefined> {
  const heads = await Promise.all(files.map(({ path }) => headOf(path)));
  const names = files.map(({ name }) => name.toLowerCase());
  const together = heads.map((head, index) => ({ name: names[index] ?? '', head }));
  return (
    importers.find(({ recognisesTogether }) => recognisesTogether?.(together)) ??
    importers.find(({ recognises }) => heads.every(recognises)) ??
    importers.find(({ extensions }) =>
      names.some((name) => extensions.some((extension) => name.endsWith(extension))),
    )
  );
}

export function knownExtensions(): string[] {
  return importers.flatMap(({ extensions }) => extensions);
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
