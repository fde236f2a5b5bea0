import { createHash, randomUUIDv7 } from 'node:crypto';
import type { ModelAliasTable } from '../db/model-aliases.ts';
import type { ModelVersionTable, VersionRecord } from '../db/model-versions.ts';
import type { ModelRecord, ModelTable } from '../db/models.ts';
import type { ImportModelOutput } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelMetadata } from '../protocol/model-version.ts';
import { archived } from './model-errors.ts';
import type { ModelFiles, Staging } from './model-files.ts';
import type { ModelImporter } from './model-importer.ts';

export interface ModelTables {
  readonly models: ModelTable;
  readonly versions: ModelVersionTable;
  readonly aliases: ModelAliasTable;
}

export interface PublisherOptions extends ModelTables {
  readonly files: ModelFiles;
  readonly importer: ModelImporter;
}

/** What an upload says besides its files. */
export interface UploadFacts {
  readonly ownerId: string | null;
  readonly name: string;
  readonly description?: string | undefined;
  readonly metadata: ModelMetadata;
  /** Whether the new version becomes the one that answers. */
  readonly makeDefault: boolean;
}

/** Turns uploaded files into the next version of a model. */
export class ModelPublisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /**
   * The number is taken when everything else has succeeded, under the lock of the model's row: no
   * gap, no clash, however many upload at once. The files are in place before the row can be seen.
   * @throws FoveaError MODEL_INVALID, MODEL_ARCHIVED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
   */
  async publish(
    staging: Staging,
    facts: UploadFacts,
    signal?: AbortSignal,
  ): Promise<{ model: ModelRecord; version: VersionRecord }> {
    const { files, importer, models } = this.#options;
    if (staging.files.every(({ size_bytes: size }) => size === 0))
      throw new FoveaError(
        'MODEL_INVALID',
        'The upload has no file with content; send the form field `file`.',
      );
    const imported = await importer.import(
      {
        files: staging.files.map(({ name }) => ({ name, path: files.stagedPath(staging, name) })),
        output: files.stagedModel(staging),
        metadata: facts.metadata,
      },
      signal,
    );
    return await models.transaction(async (within) => {
      const { ownerId, name } = facts;
      const model = await models.claim({ id: randomUUIDv7(), ownerId, name }, within);
      if (model.status === 'archived') throw archived(`The model ${name}`);
      const version = model.lastVersion + 1;
      await files.settle(staging, { ownerId, name, version });
      const record = await this.#options.versions.insert(
        rowOf(model.id, version, staging, imported, facts.metadata),
        within,
      );
      const described = facts.description === undefined ? {} : { description: facts.description };
      await models.update(model.id, { lastVersion: version, ...described }, within);
      if (facts.makeDefault || version === 1)
        await this.#options.aliases.set(model.id, 'default', version, within);
      return { model: { ...model, ...described, lastVersion: version }, version: record };
    });
  }
}

function rowOf(
  modelId: string,
  version: number,
  { files }: Staging,
  imported: ImportModelOutput,
  metadata: ModelMetadata,
): Omit<VersionRecord, 'createdAt' | 'status'> {
  const { format, signature, batching, report } = imported;
  return {
    modelId,
    version,
    format,
    signature,
    batching,
    report,
    metadata,
    files: [...files],
    sizeBytes: files.reduce((sum, file) => sum + file.size_bytes, 0),
    sha256: digestOf(files),
  };
}

/** The digest of the only file, or over the digests of several in order. */
function digestOf(files: Staging['files']): string {
  const [first] = files;
  if (first && files.length === 1) return first.sha256;
  const hash = createHash('sha256');
  for (const { sha256 } of files) hash.update(sha256, 'hex');
  return hash.digest('hex');
}
