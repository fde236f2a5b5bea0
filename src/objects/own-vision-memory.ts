import type { Engine } from '../engine/engine.ts';
import type { ModelCacheLimits, ServedModel } from '../engine/tabular-tasks.ts';
import type { ResolvedVersion } from '../models/model-directory.ts';
import type { ModelFiles } from '../models/model-files.ts';
import type { VersionMemory } from '../models/model-memory.ts';
import { versionKey } from '../models/version-holds.ts';
import { ownVisionGroup } from './object-service.ts';

export interface OwnVisionMemoryOptions {
  readonly engine: Engine;
  readonly files: ModelFiles;
  readonly limits: ModelCacheLimits;
  /** Longest wait for one worker. */
  readonly timeoutMs: number;
}

/** Users' models for pictures in memory: each in every worker of its group, as any of them may get the next picture. */
export class OwnVisionMemory implements VersionMemory {
  readonly #options: OwnVisionMemoryOptions;

  constructor(options: OwnVisionMemoryOptions) {
    this.#options = options;
  }

  async load(version: ResolvedVersion): Promise<number> {
    const { engine, limits, timeoutMs } = this.#options;
    const input = { model: this.#served(version), limits };
    // Waits for a worker when none is up yet.
    const first = await engine.run(ownVisionGroup, 'load-model', input, { timeoutMs });
    const all = await engine.runOnAll(ownVisionGroup, 'load-model', input, { timeoutMs });
    return Math.max(...[first, ...all].map(({ output }) => output.loadMs));
  }

  async unload(version: ResolvedVersion): Promise<void> {
    const { engine, timeoutMs } = this.#options;
    const { key } = this.#served(version);
    await engine.runOnAll(ownVisionGroup, 'unload-model', { key }, { timeoutMs });
  }

  #served({ model, version }: ResolvedVersion): ServedModel {
    const { ownerId, name } = model;
    return {
      key: versionKey(model.id, version.version),
      path: this.#options.files.servedPath({ ownerId, name, version: version.version }),
    };
  }
}
