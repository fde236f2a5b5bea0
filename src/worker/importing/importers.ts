import type { Importer, SourceFiles } from './importer.ts';
import { onnxImporter } from './onnx-importer.ts';
import { sklearnImporter } from './sklearn-importer.ts';

/** Every format that can be uploaded: one file, one line. */
const importers: readonly Importer[] = [onnxImporter, sklearnImporter];

/** By the files' names: what they hold is proved by the import itself. */
export function importerFor(files: SourceFiles): Importer | undefined {
  const names = files.map(({ name }) => name.toLowerCase());
  return importers.find(({ extensions }) =>
    names.some((name) => extensions.some((extension) => name.endsWith(extension))),
  );
}

export function knownExtensions(): string[] {
  return importers.flatMap(({ extensions }) => extensions);
}
