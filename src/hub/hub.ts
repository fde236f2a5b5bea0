import { constants } from 'node:fs';
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { Agent } from 'undici';
import { FoveaError } from '../errors.ts';
import type { Disk } from './disk.ts';
import {
  diskFull,
  download,
  type Downloaded,
  type DownloadOptions,
  type Wanted,
} from './download.ts';
import { fileDigest } from './file-digest.ts';
import { defaultHubSettings, type HubSettings } from './hub-settings.ts';
import { resolveSource } from './sources.ts';

/** Brings model files from wherever they can be had. */
export class Hub {
  readonly settings: HubSettings;
  readonly #disk: Disk | undefined;
  readonly #agent: Agent;

  constructor(settings: HubSettings = defaultHubSettings, disk?: Disk) {
    this.settings = settings;
    this.#disk = disk;
    const { silenceMs } = settings;
    this.#agent = new Agent({
      connect: { timeout: Math.min(silenceMs, 10_000) },
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      // Two files at a time from one host are enough, and polite.
      connections: 4,
    });
  }

  /**
   * Puts the file at `target`, whole and proven, from the first of the sources that has it.
   * @throws FoveaError as `download` does: what the first source said, and in `details.mirrors` what the others did.
   */
  async bring(
    sources: readonly string[],
    target: string,
    wanted: Wanted,
    options: DownloadOptions,
  ): Promise<Downloaded> {
    const failures: { source: string; error: FoveaError }[] = [];
    for (const source of sources) {
      try {
        return await this.#bringFrom(source, target, wanted, options);
      } catch (error) {
        if (!(error instanceof FoveaError) || everywhere.has(error.code)) throw error;
        failures.push({ source, error });
      }
    }
    const [first, ...mirrors] = failures;
    if (!first) throw new FoveaError('MODEL_UNAVAILABLE', 'The model file has no source.');
    if (mirrors.length === 0) throw first.error;
    const { code, message, details } = first.error;
    throw new FoveaError(
      code,
      `${message} ${mirrors.length === 1 ? 'Its mirror does not have it either' : 'None of its mirrors has it either'} (${mirrors.map(({ error }) => error.code).join(', ')}).`,
      { ...details, mirrors: mirrors.map(({ source, error }) => ({ source, code: error.code })) },
      first.error,
    );
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #bringFrom(
    source: string,
    target: string,
    wanted: Wanted,
    options: DownloadOptions,
  ): Promise<Downloaded> {
    const found = await resolveSource(source, this.settings);
    if (found.kind === 'local') return await copy(found.path, target, wanted, source);
    if (this.settings.offline)
      throw new FoveaError(
        'HUB_OFFLINE',
        `The server is offline (FOVEA_OFFLINE), and ${found.page} is not on this machine.`,
        { page: found.page },
      );
    const tools = {
      settings: this.settings,
      dispatcher: this.#agent,
      ...(this.#disk ? { disk: this.#disk } : {}),
    };
    return await download(found, target, wanted, tools, options);
  }
}

/** What another source would meet as well. */
const everywhere: ReadonlySet<string> = new Set(['DISK_FULL', 'REQUEST_CANCELLED']);

async function copy(
  from: string,
  target: string,
  wanted: Wanted,
  source: string,
): Promise<Downloaded> {
  const partial = `${target}.partial`;
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    const handle = await open(partial, 'r');
    await handle.sync().finally(() => handle.close());
    const { size: bytes } = await stat(partial);
    const sha256 = await fileDigest(partial);
    if (wanted.sha256 !== undefined && sha256 !== wanted.sha256)
      throw new FoveaError(
        'MODEL_CORRUPT',
        `The file from ${source} is not the one that its manifest describes: size or SHA-256 differ.`,
        { expected_sha256: wanted.sha256 },
      );
    await rename(partial, target);
    return { sha256, bytes, pinnedBy: wanted.sha256 ? 'manifest' : 'first-download' };
  } catch (error) {
    await rm(partial, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw diskFull('the disk says ENOSPC');
    throw error;
  }
}
