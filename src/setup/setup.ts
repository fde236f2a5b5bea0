import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelStore } from '../models/model-store.ts';
import { packNamed, packs, starterPack } from '../models/packs/index.ts';
import type { LicenceLedger } from '../models/packs/licence-ledger.ts';
import type { ModelPack } from '../models/packs/model-pack.ts';
import type { PackStatus, SetupRequest, SetupStatus } from '../protocol/setup.ts';

/** Longest time for all models together to be loaded and warmed up. */
const loadDeadlineMs = 300_000;

export interface SetupOptions {
  readonly registry: ModelRegistry;
  readonly store: Pick<ModelStore, 'hub'>;
  readonly ledger: LicenceLedger;
  /** Names of the packs in use: for faces, and for embeddings. */
  readonly activePacks: readonly (string | undefined)[];
  /** Called when no more model files will be made in this run. */
  readonly onFilesBrought: () => void;
}

/** Brings the models that the server uses, and others when asked, and warms them up. */
export class Setup {
  readonly #options: SetupOptions;
  /** Runs under way by what they bring; the same asked again joins. */
  readonly #running = new Map<string, Promise<void>>();
  #startedAt: Date | undefined;
  #finishedAt: Date | undefined;

  constructor(options: SetupOptions) {
    this.#options = options;
  }

  /** Starts a run for everything that the server uses, or joins the one under way. Never rejects: what failed is in the models' states. */
  async start(thorough = false): Promise<void> {
    await this.#join(`all ${thorough}`, async () => {
      const { registry } = this.#options;
      await registry.discover();
      await this.#bring(
        registry.list().map(({ name }) => name),
        thorough,
        false,
      );
    });
  }

  /**
   * Accepts the licences that are named, and starts a run for the packs and models that are. The promise that comes back
   * is for the end of it; it never rejects.
   * @param by who asks, for the record of the licences
   * @throws FoveaError MODEL_NOT_FOUND, LICENCE_NOT_ACCEPTED before anything is fetched
   */
  async request(request: SetupRequest, by: string): Promise<{ readonly done: Promise<void> }> {
    const {
      packs: names = [],
      models = [],
      accept_licences: accepted = [],
      verify = false,
    } = request ?? {};
    const wanted = [...new Set(names)].filter((name) => name !== starterPack).map(packNamed);
    await this.#accept(wanted, accepted, by);
    if (wanted.length === 0 && models.length === 0) return { done: this.start(verify) };
    const { registry } = this.#options;
    for (const pack of wanted) for (const model of pack.models) registry.add(model);
    for (const name of models) registry.status(name);
    const all = [
      ...new Set([...wanted.flatMap((pack) => pack.models.map(({ name }) => name)), ...models]),
    ];
    return {
      done: this.#join(`${all.toSorted().join(' ')} ${verify}`, async () =>
        this.#bring(all, verify, true),
      ),
    };
  }

  async status(): Promise<SetupStatus> {
    const { registry, store } = this.#options;
    return {
      state: this.state,
      started_at: this.#startedAt?.toISOString() ?? null,
      finished_at: this.#finishedAt?.toISOString() ?? null,
      offline: store.hub.settings.offline,
      models: registry.list(),
      packs: await Promise.all(packs.map(async (pack) => this.#statusOf(pack))),
    };
  }

  get state(): SetupStatus['state'] {
    if (this.#running.size > 0) return 'running';
    if (!this.#finishedAt) return 'idle';
    return this.#options.registry.list().some(({ state }) => state === 'failed')
      ? 'failed'
      : 'done';
  }

  async #join(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key) ?? this.#begin(key, work);
    await running;
  }

  async #begin(key: string, work: () => Promise<void>): Promise<void> {
    if (this.#running.size === 0) this.#startedAt = new Date();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(key, promise);
    try {
      await work();
    } finally {
      this.#running.delete(key);
      if (this.#running.size === 0) {
        this.#finishedAt = new Date();
        this.#options.onFilesBrought();
      }
      resolve();
      this.#options.registry.changed();
    }
  }

  /** @param asked also those that wait for their first use, or for their pack's turn */
  async #bring(names: readonly string[], thorough: boolean, asked: boolean): Promise<void> {
    const { registry, store, onFilesBrought } = this.#options;
    await Promise.all(
      names.map(async (name) => {
        if (asked || registry.isResident(name)) await registry.prepare(name, thorough);
        else await registry.look(name);
      }),
    );
    if (this.#running.size <= 1) {
      onFilesBrought();
      await store.hub.removeArchives().catch(() => undefined);
    }
    // What is still loading at the deadline stays in state `loading`; readiness says so.
    const deadline = AbortSignal.timeout(loadDeadlineMs);
    await registry.settled(deadline).catch(() => undefined);
    await registry.heal();
    await registry.settled(deadline).catch(() => undefined);
  }

  async #accept(
    wanted: readonly ModelPack[],
    accepted: readonly string[],
    by: string,
  ): Promise<void> {
    const { ledger, registry } = this.#options;
    const known = [...wanted, ...packs].flatMap(({ licence }) => licence ?? []);
    for (const id of new Set(accepted)) {
      const terms = known.find((each) => each.id === id);
      if (terms) await ledger.accept(terms, by);
    }
    if (accepted.length > 0) registry.changed();
    for (const { licence, name } of wanted) if (licence) await ledger.require(licence, name);
  }

  async #statusOf(pack: ModelPack): Promise<PackStatus> {
    const { registry, ledger, activePacks } = this.#options;
    const known = registry.list().filter((model) => model.pack === pack.name);
    const there = known.filter(({ progress }) => progress === 1).length;
    const accepted = pack.licence && (await ledger.of(pack.licence));
    return {
      name: pack.name,
      description: pack.description,
      state: there === pack.models.length ? 'present' : there > 0 ? 'partial' : 'absent',
      active: activePacks.includes(pack.name),
      size_bytes: pack.models
        .flatMap(({ files }) => files)
        .reduce((sum, { bytes = 0 }) => sum + bytes, 0),
      models: pack.models.map(({ name }) => name),
      licence: pack.licence
        ? {
            ...pack.licence,
            accepted: accepted ? { by: accepted.accepted_by, at: accepted.accepted_at } : null,
          }
        : null,
    };
  }
}
