import { LRUCache } from 'lru-cache';
import type { ModelTable } from '../db/models.ts';
import type { ModelDirectory, ResolvedVersion } from './model-directory.ts';
import { modelNotFound, refuseArchived } from './model-errors.ts';
import { maySee, type ModelViewer } from './model-library.ts';

const mostNames = 10_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Versions of uploaded models by id or by the owner's name for the model. */
export class NamedVersions {
  readonly #directory: ModelDirectory;
  readonly #models: Pick<ModelTable, 'idOf'>;
  /** Names never change hands: a model is archived, not deleted. */
  readonly #ids = new LRUCache<string, string>({ max: mostNames });

  constructor(directory: ModelDirectory, models: Pick<ModelTable, 'idOf'>) {
    this.#directory = directory;
    this.#models = models;
  }

  /**
   * @param reference the model's id, or its name among the viewer's own models
   * @param version a number or an alias; the default one when left out
   * @throws FoveaError MODEL_NOT_FOUND, MODEL_ARCHIVED, MODEL_PURGED, DATABASE_UNAVAILABLE when it is not in memory.
   */
  async resolve(
    reference: string,
    version: string | undefined,
    viewer: ModelViewer,
  ): Promise<ResolvedVersion> {
    const id = uuid.test(reference) ? reference : await this.#idOf(reference, viewer);
    const resolved = await this.#directory.resolve(id, version);
    if (!maySee(resolved.model, viewer)) throw modelNotFound(reference);
    refuseArchived(resolved.model, resolved.version);
    return resolved;
  }

  async #idOf(name: string, { ownerId }: ModelViewer): Promise<string> {
    const key = `${ownerId ?? ''} ${name}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = await this.#models.idOf(ownerId, name);
    if (id === undefined) throw modelNotFound(name);
    this.#ids.set(key, id);
    return id;
  }
}
