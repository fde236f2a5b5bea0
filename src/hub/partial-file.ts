import { createWriteStream, type WriteStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';

/** What must still hold for a download to go on where it stopped. */
export interface PartialState {
  /** The source, without query: signed addresses change from request to request. */
  readonly page: string;
  /** The strong ETag of the bytes that are there. */
  readonly etag?: string | undefined;
  /** The digest that the whole file has to have. */
  readonly sha256?: string | undefined;
}

/**
 * A file on its way, `<target>.partial`, and beside it where it comes from, so that another process can
 * go on with it after a kill. Whoever uses it holds the lock of the model.
 */
export class PartialFile {
  readonly path: string;
  readonly #target: string;

  constructor(target: string) {
    this.#target = target;
    this.path = `${target}.partial`;
  }

  async bytes(): Promise<number> {
    return (await stat(this.path).catch(() => undefined))?.size ?? 0;
  }

  async state(): Promise<PartialState | undefined> {
    const text = await readFile(`${this.path}.json`, 'utf8').catch(() => undefined);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as PartialState);
    } catch {
      return undefined; // cut off by a kill: the download starts anew
    }
  }

  /** Bytes go in from `from` on; what was behind is cut off. The state is on the disk before the first of them. */
  async write(from: number, state: PartialState): Promise<WriteStream> {
    await writeFile(`${this.path}.json`, JSON.stringify(state));
    const handle = await open(this.path, from === 0 ? 'w' : 'r+');
    if (from > 0) await handle.truncate(from);
    // `flush` makes the last byte durable before the file gets its name.
    return createWriteStream(this.path, { fd: handle, start: from, flush: true });
  }

  /** Gives the whole file its name. */
  async complete(): Promise<void> {
    await rename(this.path, this.#target);
    await rm(`${this.path}.json`, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }
}
