import { LRUCache } from 'lru-cache';
import type { ServedVersionRecord } from '../db/model-versions.ts';
import type { ModelRecord } from '../db/models.ts';
import { FoveaError } from '../errors.ts';
import { modelNotFound, versionNotFound } from './model-errors.ts';
import type { ModelTables } from './model-publisher.ts';
import { defaultAlias, versionNumber } from './version-reference.ts';

/** A model with the version that was asked for. */
export interface ResolvedVersion {
  readonly model: ModelRecord;
  readonly version: ServedVersionRecord;
}

interface Entry {
  readonly model: ModelRecord;
  readonly aliases: ReadonlyMap<string, number>;
  readonly versions: Map<number, ServedVersionRecord>;
  readonly readAt: number;
}

const mostModels = 10_000;
/** Older knowledge is renewed in the background while it still answers: another server may have moved an alias. */
const freshMs = 2_000;

/**
 * Which version a model's id and a reference mean, from memory: a prediction does not wait for the
 * database, and goes on without it.
 */
export class ModelDirectory {
  readonly #tables: ModelTables;
  readonly #entries = new LRUCache<string, Entry>({ max: mostModels });
  readonly #reading = new Map<string, Promise<Entry>>();
  /** Counts the changes: what was read before one of them is not kept. */
  #changes = 0;

  constructor(tables: ModelTables) {
    this.#tables = tables;
  }

  /** @throws FoveaError MODEL_NOT_FOUND, DATABASE_UNAVAILABLE when it is not in memory. */
  async resolve(id: string, reference: string = defaultAlias): Promise<ResolvedVersion> {
    const entry = await this.#entry(id);
    const number = versionNumber(reference, entry.aliases);
    const version = number === undefined ? undefined : await this.#version(entry, number);
    if (!version) throw versionNotFound(entry.model.name, reference);
    return { model: entry.model, version };
  }

  /** To be called after every change of the model. */
  forget(id: string): void {
    this.#changes += 1;
    this.#entries.delete(id);
    this.#reading.delete(id);
  }

  async #entry(id: string): Promise<Entry> {
    const known = this.#entries.get(id);
    if (!known) return await this.#read(id);
    if (performance.now() - known.readAt > freshMs)
      this.#read(id).catch((error: unknown) => {
        if (error instanceof FoveaError && error.code === 'MODEL_NOT_FOUND') this.forget(id);
      });
    return known;
  }

  async #read(id: string): Promise<Entry> {
    const under = this.#reading.get(id);
    if (under) return await under;
    const reading = this.#fetch(id, this.#changes).finally(() => {
      if (this.#reading.get(id) === reading) this.#reading.delete(id);
    });
    this.#reading.set(id, reading);
    return await reading;
  }

  async #fetch(id: string, changes: number): Promise<Entry> {
    const [model, aliases] = await Promise.all([
      this.#tables.models.get(id),
      this.#tables.aliases.of([id]),
    ]);
    if (!model) throw modelNotFound(id);
    const entry = {
      model,
      aliases: aliases.get(id) ?? new Map<string, number>(),
      versions: new Map<number, ServedVersionRecord>(),
      readAt: performance.now(),
    };
    // The default version at once, so that a renewed entry never waits for the database.
    const number = entry.aliases.get(defaultAlias);
    if (number !== undefined) await this.#version(entry, number);
    if (changes === this.#changes) this.#entries.set(id, entry);
    return entry;
  }

  async #version(
    { model, versions }: Entry,
    number: number,
  ): Promise<ServedVersionRecord | undefined> {
    const known = versions.get(number);
    if (known) return known;
    const version = await this.#tables.versions.get(model.id, number);
    if (version) versions.set(number, version);
    return version;
  }
}
