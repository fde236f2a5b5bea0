import type { FileHandle } from 'node:fs/promises';
import type { ServedVersionRecord } from '../db/model-versions.ts';
import type { ModelListOptions, ModelRecord } from '../db/models.ts';
import type { Within } from '../db/tables.ts';
import { FoveaError } from '../errors.ts';
import type { LifecycleStatus, ModelChange, ModelVersion } from '../protocol/model-version.ts';
import type { ModelDirectory, ResolvedVersion } from './model-directory.ts';
import { archived, modelNotFound, purged, versionNotFound } from './model-errors.ts';
import type { ModelFiles } from './model-files.ts';
import type { ModelTables } from './model-publisher.ts';
import { shownVersion } from './shown-version.ts';
import { defaultAlias, versionNumber } from './version-reference.ts';

/** Whose models may be seen: one owner's (null: those of open access), or everybody's. */
export interface ModelViewer {
  readonly ownerId: string | null;
  readonly seesAll?: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Download {
  /** Open, to be closed by whoever asked. */
  readonly file: FileHandle;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The models that users uploaded: what there is, how it stands, and which version answers. */
export class ModelLibrary {
  readonly #tables: ModelTables;
  readonly #directory: ModelDirectory;

  constructor(tables: ModelTables, directory: ModelDirectory) {
    this.#tables = tables;
    this.#directory = directory;
  }

  /** @throws FoveaError MODEL_NOT_FOUND, also for another owner's model. */
  async find(id: string, viewer: ModelViewer, reference?: string): Promise<ResolvedVersion> {
    const model = await this.#model(id, viewer);
    const aliases = (await this.#tables.aliases.of([id])).get(id) ?? new Map<string, number>();
    return { model, version: await this.#version(model, aliases, reference) };
  }

  async show(id: string, viewer: ModelViewer, reference?: string): Promise<ModelVersion> {
    const model = await this.#model(id, viewer);
    const aliases = (await this.#tables.aliases.of([id])).get(id) ?? new Map<string, number>();
    return shownVersion(model, await this.#version(model, aliases, reference), aliases);
  }

  /** Each model with the version that `default` leads to, newest model first. */
  async list(
    viewer: ModelViewer,
    filter: Omit<ModelListOptions, 'ownerId'>,
  ): Promise<Page<ModelVersion>> {
    const { models, versions, aliases } = this.#tables;
    const owner = viewer.seesAll ? {} : { ownerId: viewer.ownerId };
    const { items, nextCursor } = await models.list({ ...owner, ...filter });
    const ids = items.map(({ id }) => id);
    const [defaults, names] = await Promise.all([versions.defaults(ids), aliases.of(ids)]);
    const shown = items.flatMap((model) => {
      const version = defaults.get(model.id);
      return version ? [shownVersion(model, version, names.get(model.id) ?? new Map())] : [];
    });
    return { items: shown, nextCursor };
  }

  /** Newest first. */
  async versions(
    id: string,
    viewer: ModelViewer,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<ModelVersion>> {
    const model = await this.#model(id, viewer);
    const aliases = (await this.#tables.aliases.of([id])).get(id) ?? new Map<string, number>();
    const { items, nextCursor } = await this.#tables.versions.list(id, page);
    return { items: items.map((version) => shownVersion(model, version, aliases)), nextCursor };
  }

  /**
   * An uploaded file of a version, to be streamed.
   * @throws FoveaError REQUEST_INVALID when there are several and none is named, MODEL_NOT_FOUND, MODEL_PURGED.
   */
  async download(
    id: string,
    viewer: ModelViewer,
    files: ModelFiles,
    reference?: string,
    fileName?: string,
  ): Promise<Download> {
    const { model, version } = await this.find(id, viewer, reference);
    if (version.purgedAt) throw purged(model.name, version.version);
    const names = version.files.map(({ name }) => name);
    if (fileName === undefined && names.length > 1)
      throw new FoveaError(
        'REQUEST_INVALID',
        `Version ${version.version} has several files; name one with ?file=: ${names.join(', ')}.`,
        { files: names },
      );
    const file = version.files.find(({ name }) => name === (fileName ?? names[0]));
    if (!file) throw versionNotFound(model.name, fileName ?? 'file');
    const place = { ownerId: model.ownerId, name: model.name, version: version.version };
    const { name, size_bytes: bytes, sha256 } = file;
    return { file: await files.open(place, name), name, bytes, sha256 };
  }

  /**
   * Description and status are the model's, unless a version is named: then the status is that
   * version's. Metadata are always a version's, the default one's if none is named.
   * @throws FoveaError MODEL_NOT_FOUND, MODEL_PURGED for restoring what has no files any more.
   */
  async change(
    id: string,
    viewer: ModelViewer,
    { description, metadata, status }: ModelChange,
    reference?: string,
  ): Promise<ModelVersion> {
    const { model, version } = await this.find(id, viewer, reference);
    const { models, versions } = this.#tables;
    await models.transaction(async (within) => {
      if (status !== undefined && status !== 'archived')
        await this.#mayRestore(model, reference === undefined ? undefined : version, within);
      const ofVersion = {
        ...(metadata === undefined ? {} : { metadata }),
        ...(status === undefined || reference === undefined ? {} : { status }),
      };
      if (Object.keys(ofVersion).length > 0)
        await versions.update(model.id, version.version, ofVersion, within);
      const ofModel = {
        ...(description === undefined ? {} : { description }),
        ...(status === undefined || reference !== undefined ? {} : { status }),
      };
      await models.update(model.id, ofModel, within);
    });
    this.#directory.forget(id);
    return await this.show(id, viewer, reference);
  }

  /** Out of the lists and of service, but not gone: `change` brings it back. */
  async archive(id: string, viewer: ModelViewer, reference?: string): Promise<void> {
    const status: LifecycleStatus = 'archived';
    await this.change(id, viewer, { status }, reference);
  }

  /**
   * Moves `default` to an older version: the one named, or the newest usable one before it.
   * @throws FoveaError REQUEST_INVALID when there is none, MODEL_ARCHIVED, MODEL_NOT_FOUND.
   */
  async rollback(id: string, viewer: ModelViewer, reference?: string): Promise<ModelVersion> {
    const model = await this.#model(id, viewer);
    const { models, versions, aliases } = this.#tables;
    const named = reference === undefined ? undefined : await this.find(id, viewer, reference);
    if (named?.version.status === 'archived') throw archived(model.name, named.version.version);
    await models.transaction(async (within) => {
      const current = await aliases.lockDefault(id, within);
      const target = named?.version.version ?? (await versions.before(id, current ?? 0, within));
      if (target === undefined) {
        throw new FoveaError(
          'REQUEST_INVALID',
          `Version ${current} of ${model.name} is the oldest that can be used; there is nothing to roll back to.`,
          { version: current },
        );
      }
      await aliases.set(id, defaultAlias, target, within);
      await models.update(id, {}, within);
    });
    this.#directory.forget(id);
    return await this.show(id, viewer);
  }

  /** Makes or moves an alias. @throws FoveaError MODEL_NOT_FOUND, MODEL_ARCHIVED. */
  async setAlias(
    id: string,
    viewer: ModelViewer,
    alias: string,
    reference: string,
  ): Promise<ModelVersion> {
    const { model, version } = await this.find(id, viewer, reference);
    if (version.status === 'archived') throw archived(model.name, version.version);
    await this.#tables.models.transaction((within) =>
      this.#tables.aliases.set(id, alias, version.version, within),
    );
    this.#directory.forget(id);
    return await this.show(id, viewer, alias);
  }

  /** @throws FoveaError REQUEST_INVALID for `default`, which every model has. */
  async removeAlias(id: string, viewer: ModelViewer, alias: string): Promise<void> {
    await this.#model(id, viewer);
    if (alias === defaultAlias)
      throw new FoveaError(
        'REQUEST_INVALID',
        'The alias default cannot be removed; move it instead.',
      );
    await this.#tables.aliases.remove(id, alias);
    this.#directory.forget(id);
  }

  /** Under the lock of the model, so that no purge comes between. @throws FoveaError MODEL_PURGED. */
  async #mayRestore(
    { id, name }: ModelRecord,
    version: ServedVersionRecord | undefined,
    within: Within,
  ): Promise<void> {
    const { models, versions } = this.#tables;
    const model = await models.lock(id, within);
    const left = await versions.unpurged(id, version?.version, within);
    if (left === 0) throw purged(name, version?.version ?? model?.lastVersion ?? 1);
  }

  async #model(id: string, viewer: ModelViewer): Promise<ModelRecord> {
    const model = await this.#tables.models.get(id);
    if (!model || !maySee(model, viewer)) throw modelNotFound(id);
    return model;
  }

  async #version(
    model: ModelRecord,
    aliases: ReadonlyMap<string, number>,
    reference: string = defaultAlias,
  ): Promise<ServedVersionRecord> {
    const number = versionNumber(reference, aliases);
    const version =
      number === undefined ? undefined : await this.#tables.versions.get(model.id, number);
    if (!version) throw versionNotFound(model.name, reference);
    return version;
  }
}

export function maySee(model: Pick<ModelRecord, 'ownerId'>, viewer: ModelViewer): boolean {
  return viewer.seesAll === true || model.ownerId === viewer.ownerId;
}
