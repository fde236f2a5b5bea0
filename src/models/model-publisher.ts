import { createHash, randomUUIDv7 } from 'node:crypto';
import type { ModelAliasTable } from '../db/model-aliases.ts';
import type { ModelVersionTable, NewVersion, VersionRecord } from '../db/model-versions.ts';
import type { ModelRecord, ModelTable } from '../db/models.ts';
import type { ImportModelOutput, ServedModel } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { ModelMetadata, ServedTask } from '../protocol/model-version.ts';
import type { ModelSamples, ParityReport } from '../protocol/model-samples.ts';
import { archived } from './model-errors.ts';
import type { ModelFiles, Staging } from './model-files.ts';
import type { ModelImporter } from './model-importer.ts';

export interface ModelTables {
  readonly models: ModelTable;
  readonly versions: ModelVersionTable;
  readonly aliases: ModelAliasTable;
}

/** Proves a model on rows whose answers are known. */
export interface SampleChecker {
  readonly check: (
    samples: ModelSamples,
    model: ServedModel,
    imported: ImportModelOutput,
    signal: AbortSignal | undefined,
  ) => Promise<ParityReport>;
}

export interface PublisherOptions extends ModelTables {
  readonly files: ModelFiles;
  readonly importer: ModelImporter;
  readonly samples: SampleChecker;
}

/** What an upload says besides its files. */
export interface UploadFacts {
  readonly ownerId: string | null;
  readonly name: string;
  readonly description?: string | undefined;
  readonly metadata: ModelMetadata;
  /** Rows with known answers, which the model must give before it is accepted. */
  readonly samples?: ModelSamples | undefined;
  /** What the model is for, when its file is not to say it. */
  readonly task?: ServedTask | undefined;
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
   * @throws FoveaError MODEL_INVALID, MODEL_DIFFERS, MODEL_ARCHIVED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
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
    const read = await importer.import(
      {
        files: staging.files.map(({ name }) => ({ name, path: files.stagedPath(staging, name) })),
        output: files.stagedModel(staging),
        stepsOutput: files.stagedSteps(staging),
        metadata: facts.metadata,
        ...(facts.task ? { task: facts.task } : {}),
      },
      signal,
    );
    const imported = await this.#proved(staging, read, facts.samples, signal);
    return await models.transaction(async (within) => {
      const { ownerId, name } = facts;
      const model = await models.claim({ id: randomUUIDv7(), ownerId, name }, within);
      const revived = model.status === 'archived';
      // With all files gone there is nothing to restore: the name begins anew, the numbers go on.
      if (revived && (await this.#options.versions.unpurged(model.id, undefined, within)) > 0)
        throw archived(name);
      const version = model.lastVersion + 1;
      await files.settle(staging, { ownerId, name, version });
      const record = await this.#options.versions.insert(
        rowOf(model.id, version, staging, imported, facts.metadata),
        within,
      );
      const described = facts.description === undefined ? {} : { description: facts.description };
      const status = revived ? ({ status: 'active' } as const) : {};
      await models.update(model.id, { lastVersion: version, ...described, ...status }, within);
      if (facts.makeDefault || revived || version === 1)
        await this.#options.aliases.set(model.id, 'default', version, within);
      return {
        model: { ...model, ...described, ...status, lastVersion: version },
        version: record,
      };
    });
  }

  /** What agrees with its samples says so in its report. */
  async #proved(
    staging: Staging,
    imported: ImportModelOutput,
    samples: ModelSamples | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ImportModelOutput> {
    if (!samples) return imported;
    const { files } = this.#options;
    const model = {
      key: `staged ${staging.directory}`,
      path: files.stagedModel(staging),
      ...(imported.serving.steps ? { stepsPath: files.stagedSteps(staging) } : {}),
    };
    const parity = await this.#options.samples.check(samples, model, imported, signal);
    return { ...imported, report: { ...imported.report, parity } };
  }
}

function rowOf(
  modelId: string,
  version: number,
  { files }: Staging,
  imported: ImportModelOutput,
  metadata: ModelMetadata,
): NewVersion {
  const { format, signature, serving, batching, report, vision } = imported;
  return {
    modelId,
    version,
    format,
    signature,
    serving,
    batching,
    vision,
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
