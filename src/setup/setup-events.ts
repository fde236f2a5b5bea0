import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelStatus } from '../protocol/model.ts';
import type { SetupEvent } from '../protocol/setup.ts';
import type { Setup } from './setup.ts';

export interface NumberedEvent {
  readonly id: number;
  readonly data: SetupEvent;
}

const keptEvents = 256;
const atMostEveryMs = 250;

/** What changes in the models' states, numbered, so that a listener who was away hears what it missed. */
export class SetupEvents {
  readonly #registry: ModelRegistry;
  readonly #setup: Setup;
  readonly #kept: NumberedEvent[] = [];
  readonly #listeners = new Set<(event: NumberedEvent) => void>();
  readonly #shown = new Map<string, string>();
  #state: SetupEvent['state'] = 'idle';
  // Ids of an earlier run of the server must not look like ours.
  #nextId = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: ModelRegistry, setup: Setup) {
    this.#registry = registry;
    this.#setup = setup;
    registry.onChange(() => this.#note());
  }

  /** How many listen now. */
  get size(): number {
    return this.#listeners.size;
  }

  /**
   * Everything as it stands or, after `lastId`, what came since; then each change. Returns the way to stop.
   * @param lastId the last event that the listener has had
   */
  listen(lastId: number | undefined, listener: (event: NumberedEvent) => void): () => void {
    this.#emit();
    const [first] = this.#kept;
    const missed =
      lastId !== undefined &&
      first !== undefined &&
      lastId >= first.id - 1 &&
      lastId < this.#nextId;
    if (missed) for (const event of this.#kept.filter(({ id }) => id > lastId)) listener(event);
    else
      listener({
        id: this.#nextId - 1,
        data: { state: this.#setup.state, models: this.#registry.list() },
      });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes are gathered for a moment: a download has hundreds in a second. */
  #note(): void {
    this.#timer ??= setTimeout(() => this.#emit(), atMostEveryMs).unref();
  }

  #emit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const models = this.#registry.list().filter((model) => this.#isNew(model));
    const { state } = this.#setup;
    if (models.length === 0 && state === this.#state) return;
    this.#state = state;
    const event = { id: this.#nextId, data: { state, models } };
    this.#nextId += 1;
    this.#kept.push(event);
    if (this.#kept.length > keptEvents) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  #isNew(model: ModelStatus): boolean {
    const text = JSON.stringify(model);
    if (this.#shown.get(model.name) === text) return false;
    this.#shown.set(model.name, text);
    return true;
  }
}
