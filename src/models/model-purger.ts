import type { Audit, Origin } from '../accounts/audit.ts';
import type { PurgeChoice, PurgedVersion } from '../db/model-versions.ts';
import type { ModelDirectory } from './model-directory.ts';
import type { ModelFiles } from './model-files.ts';
import type { ModelLibrary, ModelViewer } from './model-library.ts';
import type { ModelTables } from './model-publisher.ts';
import { versionKey, type VersionHolds } from './version-holds.ts';

export interface PurgerOptions extends ModelTables {
  readonly files: ModelFiles;
  readonly library: Pick<ModelLibrary, 'find'>;
  readonly directory: Pick<ModelDirectory, 'forget'>;
  readonly holds: VersionHolds;
  readonly audit: Pick<Audit, 'append'>;
  /** Takes a version out of the workers' memory, by its key. */
  readonly unload: (key: string) => Promise<void>;
  /** Archived for so long, a version loses its files; nothing keeps them for ever. */
  readonly retentionMs: number | undefined;
  /** How long requests under way may go on with the files; then the next sweep deletes them. */
  readonly patienceMs: number;
  readonly onTrouble: (error: unknown) => void;
}

/** The server itself, when what was archived has lain long enough. */
const nobody: Origin = { actorKind: 'server', actorId: null, address: null, requestId: null };
const pageSize = 100;
/** Models whose versions one sweep purges; the next goes on. */
const mostModels = 1_000;
/** A sweep looks again at what was purged this long before the last one: transactions end late, and clocks differ. */
const overlapMs = 3_600_000;

/**
 * Deletes the files of archived versions for good. First the row says so, in a transaction that
 * restoring and publishing wait for; then the files go. Whoever finds a row that says so deletes what
 * is left: a kill in between costs nothing, and each server clears its own disk.
 */
export class ModelPurger {
  readonly #options: PurgerOptions;
  #sweeping: Promise<void> | undefined;
  /** The files of all that was purged before are gone from this disk. */
  #cleanUntil = new Date(0);

  constructor(options: PurgerOptions) {
    this.#options = options;
  }

  /**
   * Archives a model, or one version of it, and deletes the files.
   * @throws FoveaError MODEL_NOT_FOUND, DATABASE_UNAVAILABLE.
   */
  async purge(
    id: string,
    viewer: ModelViewer,
    reference: string | undefined,
    origin: Origin,
  ): Promise<void> {
    const { model, version } = await this.#options.library.find(id, viewer, reference);
    const one = reference === undefined ? {} : { version: version.version };
    const numbers = await this.#mark(id, one, origin, reference === undefined);
    const { ownerId, name } = model;
    for (const number of numbers)
      await this.#clear({ modelId: id, ownerId, name, version: number }).catch(
        this.#options.onTrouble,
      );
  }

  /** Purges what has been archived for long enough, and completes what was begun. Whoever asks meanwhile joins. */
  async sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    await this.#markExpired();
    const begun = Date.now();
    let clean = true;
    let from: Date | PurgedVersion = this.#cleanUntil;
    for (;;) {
      const page: PurgedVersion[] = await this.#options.versions.purged(from, pageSize);
      for (const version of page) clean = (await this.#cleared(version)) && clean;
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      from = last;
    }
    if (clean) this.#cleanUntil = new Date(begun - overlapMs);
  }

  async #markExpired(): Promise<void> {
    const { retentionMs, versions } = this.#options;
    if (retentionMs === undefined) return;
    const archivedBefore = new Date(Date.now() - retentionMs);
    for (let done = 0; done < mostModels; done += pageSize) {
      const ids = await versions.archivedBefore(archivedBefore, pageSize);
      for (const id of ids) await this.#mark(id, { archivedBefore }, nobody, false);
      if (ids.length < pageSize) return;
    }
  }

  /** @param whole whether the model itself is archived with its versions */
  async #mark(id: string, choice: PurgeChoice, origin: Origin, whole: boolean): Promise<number[]> {
    const { models, versions, audit, directory } = this.#options;
    const numbers = await models.transaction(async (within) => {
      const model = await models.lock(id, within);
      if (!model) return [];
      if (whole) await models.update(id, { status: 'archived' }, within);
      const marked = await versions.purge(id, choice, within);
      const details = { model: model.name, versions: marked };
      if (marked.length > 0)
        await audit.append(origin, { action: 'models.purge', target: id, details }, within);
      return marked;
    });
    directory.forget(id);
    return numbers;
  }

  async #cleared(version: PurgedVersion): Promise<boolean> {
    try {
      return await this.#clear(version);
    } catch (error) {
      this.#options.onTrouble(error);
      return false;
    }
  }

  /** Whether the files are gone; not while somebody works with them. @throws FoveaError STORAGE_UNAVAILABLE. */
  async #clear(version: Omit<PurgedVersion, 'purgedAt'>): Promise<boolean> {
    const { files, holds, unload, directory, patienceMs } = this.#options;
    if (!(await files.has(version))) return true;
    directory.forget(version.modelId);
    const key = versionKey(version.modelId, version.version);
    if (!(await holds.close(key, patienceMs))) return false;
    await unload(key);
    await files.remove(version);
    return true;
  }
}
