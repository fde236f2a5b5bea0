import type { LoadedModel } from '../protocol/model-version.ts';
import type { ModelDirectory, ResolvedVersion } from './model-directory.ts';
import { modelNotFound, refuseArchived } from './model-errors.ts';
import { maySee, type ModelViewer } from './model-library.ts';
import type { VersionHolds } from './version-holds.ts';
import { servedTaskOf } from './version-reference.ts';

/** The processes that have versions of one kind in memory. */
export interface VersionMemory {
  /** Milliseconds that it took; 0 when it was there. */
  readonly load: (version: ResolvedVersion) => Promise<number>;
  /** After the requests under way. */
  readonly unload: (version: ResolvedVersion) => Promise<void>;
}

export interface ModelMemoryOptions {
  readonly directory: ModelDirectory;
  readonly holds: VersionHolds;
  /** Of models for rows of a table. */
  readonly rows: VersionMemory;
  /** Of models for pictures. */
  readonly pictures: VersionMemory;
}

/** Brings versions of uploaded models into memory and takes them out, whatever they are for. */
export class ModelMemory {
  readonly #options: ModelMemoryOptions;

  constructor(options: ModelMemoryOptions) {
    this.#options = options;
  }

  /** @throws FoveaError MODEL_NOT_FOUND, MODEL_ARCHIVED, MODEL_PURGED, MODEL_UNAVAILABLE, or what `Engine.run` throws. */
  async load(id: string, reference: string | undefined, viewer: ModelViewer): Promise<LoadedModel> {
    const resolved = await this.#resolve(id, reference, viewer);
    refuseArchived(resolved.model, resolved.version);
    const release = this.#options.holds.hold(resolved);
    try {
      const ms = await this.#memoryOf(resolved).load(resolved);
      return shown(resolved, true, ms);
    } finally {
      release();
    }
  }

  /** @throws FoveaError MODEL_NOT_FOUND, or what `Engine.run` throws. */
  async unload(
    id: string,
    reference: string | undefined,
    viewer: ModelViewer,
  ): Promise<LoadedModel> {
    const resolved = await this.#resolve(id, reference, viewer);
    await this.#memoryOf(resolved).unload(resolved);
    return shown(resolved, false, 0);
  }

  async #resolve(
    id: string,
    reference: string | undefined,
    viewer: ModelViewer,
  ): Promise<ResolvedVersion> {
    const resolved = await this.#options.directory.resolve(id, reference);
    if (!maySee(resolved.model, viewer)) throw modelNotFound(id);
    return resolved;
  }

  #memoryOf({ version }: ResolvedVersion): VersionMemory {
    const { rows, pictures } = this.#options;
    return servedTaskOf(version) === 'predict' ? rows : pictures;
  }
}

function shown({ model, version }: ResolvedVersion, loaded: boolean, ms: number): LoadedModel {
  return {
    id: model.id,
    name: model.name,
    version: version.version,
    loaded,
    load_ms: Math.round(ms * 1000) / 1000,
  };
}
