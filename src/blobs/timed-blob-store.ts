import { timed, type OnOperation } from '../telemetry/timed.ts';
import type { BlobStore } from './blob-store.ts';

/** Another store, with the time of its operations told. */
export class TimedBlobStore implements BlobStore {
  readonly #store: BlobStore;
  readonly #tell: OnOperation;

  constructor(store: BlobStore, tell: OnOperation) {
    this.#store = store;
    this.#tell = tell;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await timed('put', this.#tell, () => this.#store.put(key, bytes));
  }

  async has(key: string): Promise<boolean> {
    return await timed('has', this.#tell, () => this.#store.has(key));
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return await timed('get', this.#tell, () => this.#store.get(key));
  }

  async delete(key: string): Promise<void> {
    await timed('delete', this.#tell, () => this.#store.delete(key));
  }

  async probe(): Promise<void> {
    await timed('probe', this.#tell, () => this.#store.probe());
  }
}
