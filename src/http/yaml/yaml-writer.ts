import { Worker } from 'node:worker_threads';
import { toYaml } from './to-yaml.ts';

/** Up to this many characters it takes less than two milliseconds. */
const inlineLimit = 8 * 1024;

/**
 * Writes YAML without holding up the event loop: face meshes take tens of milliseconds, so what is
 * long is written on a thread, started when it is first needed.
 */
export class YamlWriter {
  readonly #waiting = new Map<
    number,
    { resolve: (yaml: string) => void; reject: (error: Error) => void }
  >();
  #thread: Worker | undefined;
  #nextId = 1;

  async write(json: string): Promise<string> {
    if (json.length <= inlineLimit) return toYaml(json);
    const thread = (this.#thread ??= this.#start());
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#waiting.set(id, { resolve, reject });
    thread.postMessage({ id, json });
    return await promise;
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('./yaml-thread.ts', import.meta.url), { env: {} });
    thread.on('message', ({ id, yaml }: { id: number; yaml: string }) => {
      this.#waiting.get(id)?.resolve(yaml);
      this.#waiting.delete(id);
    });
    thread.on('error', (error) => this.#fail(error));
    thread.on('exit', () => this.#fail(new Error('the YAML thread ended')));
    thread.unref();
    return thread;
  }

  /** The next answer starts a new thread. */
  #fail(error: Error): void {
    this.#thread = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
