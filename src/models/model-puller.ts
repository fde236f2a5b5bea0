import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../db/with-file-lock.ts';
import { FoveaError } from '../errors.ts';
import type { Hub } from '../hub/hub.ts';

export interface Pull {
  /** `hf:` or `https:`; the rest are files of this machine, which no request may name. */
  readonly source: string;
  readonly sha256?: string | undefined;
  readonly maxBytes: number;
}

/** A file that was fetched, there until the work with it is done. */
export interface PulledFile {
  readonly path: string;
  /** The last part of its address. */
  readonly name: string;
}

const remote = /^(hf:|https:\/\/)/;

/** Fetches single model files that somebody asks for by source. What was cut off is gone on with by the next who asks. */
export class ModelPuller {
  readonly #hub: Hub;
  readonly #directory: string;

  /** @param directory where files lie while they are fetched and worked with */
  constructor(hub: Hub, directory: string) {
    this.#hub = hub;
    this.#directory = directory;
  }

  /** @throws FoveaError REQUEST_INVALID, MODEL_TOO_LARGE, HUB_*, DISK_FULL, MODEL_CORRUPT, or what `work` throws. */
  async pull<T>(
    { source, ...wanted }: Pull,
    signal: AbortSignal,
    work: (file: PulledFile) => Promise<T>,
  ): Promise<T> {
    if (!remote.test(source))
      throw new FoveaError(
        'REQUEST_INVALID',
        'A model can be pulled from hf:<owner>/<name>@<revision>:<path> or from https://…; upload what is on your machine.',
      );
    const key = createHash('sha256').update(source).digest('hex').slice(0, 32);
    const path = join(this.#directory, key);
    return await withFileLock(
      `${path}.lock`,
      signal,
      () => undefined,
      async () => {
        try {
          await this.#hub.bring([source], path, wanted, { signal });
          return await work({ path, name: nameOf(source) });
        } finally {
          await rm(path, { force: true });
        }
      },
    );
  }
}

function nameOf(source: string): string {
  const path = source.startsWith('hf:') ? source : new URL(source).pathname;
  return decodeURIComponent(path.split(/[/:]/).at(-1) ?? '') || 'model';
}
