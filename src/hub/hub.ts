import { createHash } from 'node:crypto';
import { constants, existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from 'undici';
import { FoveaError } from '../errors.ts';
import { FileLock } from '../db/file-lock.ts';
import { withFileLock } from '../db/with-file-lock.ts';
import type { Disk } from './disk.ts';
import {
  diskFull,
  download,
  type Downloaded,
  type DownloadOptions,
  type Wanted,
} from './download.ts';
import { extractMember } from './extract-member.ts';
import { fileDigest } from './file-digest.ts';
import type { BreakerState, DependencyState } from '../dependencies/dependency.ts';
import { defaultHubSettings, type HubSettings } from './hub-settings.ts';
import { SourceBreakers } from './source-breakers.ts';
import { resolveSource } from './sources.ts';

export interface HubOptions {
  readonly settings?: HubSettings;
  /** Folder where zip archives lie while files are taken out of them. */
  readonly archives: string;
  readonly disk?: Disk;
  /** Told that a server of model files is left alone, or answers again. */
  readonly onChange?: (origin: string, state: BreakerState, reason: string | undefined) => void;
}

const zip = 'zip:';
const mostArchiveBytes = 4 * 1024 ** 3;

/** Brings model files from wherever they can be had. */
export class Hub {
  readonly settings: HubSettings;
  readonly #options: HubOptions;
  readonly #agent: Agent;
  readonly #breakers: SourceBreakers;

  constructor(options: HubOptions) {
    this.settings = options.settings ?? defaultHubSettings;
    this.#options = options;
    this.#breakers = new SourceBreakers(options.onChange);
    const { silenceMs } = this.settings;
    this.#agent = new Agent({
      connect: { timeout: Math.min(silenceMs, 10_000) },
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      // A few files at a time from one host are enough, and polite.
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

  /** Whether the servers of model files answer. */
  get state(): DependencyState {
    return this.#breakers.state;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Removes the archives that nobody takes anything out of now. Those on their way stay, to go on with. */
  async removeArchives(): Promise<void> {
    const { archives } = this.#options;
    for (const name of await readdir(archives).catch(() => [])) {
      if (!name.endsWith('.zip')) continue;
      const lock = FileLock.take(join(archives, `${name}.lock`));
      if (lock) await rm(join(archives, name), { force: true }).finally(() => lock.release());
    }
  }

  async #bringFrom(
    source: string,
    target: string,
    wanted: Wanted,
    options: DownloadOptions,
  ): Promise<Downloaded> {
    if (source.startsWith(zip))
      return await this.#bringMember(source.slice(zip.length), target, wanted, options);
    const found = await resolveSource(source, this.settings);
    if (found.kind === 'local') return await copy(found.path, target, wanted, source);
    if (this.settings.offline)
      throw new FoveaError(
        'HUB_OFFLINE',
        `The server is offline (FOVEA_OFFLINE), and ${found.page} is not on this machine.`,
        { page: found.page },
      );
    const { disk } = this.#options;
    const tools = {
      settings: this.settings,
      dispatcher: this.#agent,
      breakers: this.#breakers,
      ...(disk ? { disk } : {}),
    };
    return await download(found, target, wanted, tools, options);
  }

  /** A file out of an archive; the archive is fetched once for all of its files, whoever asks for them. */
  async #bringMember(
    reference: string,
    target: string,
    wanted: Wanted,
    options: DownloadOptions,
  ): Promise<Downloaded> {
    const hash = reference.lastIndexOf('#');
    const [source, name] = [reference.slice(0, hash), reference.slice(hash + 1)];
    if (hash < 1 || name === '')
      throw new FoveaError(
        'HUB_URL_INVALID',
        `zip:${reference.slice(0, 200)} is not zip:<source>#<name>.`,
      );
    const { archives } = this.#options;
    const key = createHash('sha256').update(source).digest('hex').slice(0, 32);
    const archive = join(archives, `${key}.zip`);
    await mkdir(archives, { recursive: true });
    const tellPart = (): void => options.onProgress?.(sizeOf(`${archive}.partial`), undefined);
    return await withFileLock(`${archive}.lock`, options.signal, tellPart, async () => {
      for (let attempt = 1; ; attempt += 1) {
        const kept = existsSync(archive);
        if (!kept) await this.#bringFrom(source, archive, { maxBytes: mostArchiveBytes }, options);
        try {
          return await takeOut(archive, name, target, wanted, options.signal);
        } catch (error) {
          if ((error as FoveaError).code !== 'MODEL_CORRUPT') throw error;
          await rm(archive, { force: true });
          // One that lay here may have been damaged here.
          if (!kept || attempt > 1) throw error;
        }
      }
    });
  }
}

/** What another source would meet as well. */
const everywhere: ReadonlySet<string> = new Set(['DISK_FULL', 'REQUEST_CANCELLED']);

async function takeOut(
  archive: string,
  name: string,
  target: string,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Downloaded> {
  const most = wanted.bytes ?? wanted.maxBytes;
  return await settle(target, wanted, `${name} of the archive`, async (partial) =>
    extractMember(archive, name, partial, most, signal),
  );
}

async function copy(
  from: string,
  target: string,
  wanted: Wanted,
  source: string,
): Promise<Downloaded> {
  return await settle(target, wanted, source, async (partial) => {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    const handle = await open(partial, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Lets `make` write beside the target and gives the file its name when it is what was wanted. */
async function settle(
  target: string,
  wanted: Wanted,
  what: string,
  make: (partial: string) => Promise<void>,
): Promise<Downloaded> {
  const partial = `${target}.local.partial`;
  try {
    await make(partial);
    const { size: bytes } = await stat(partial);
    const sha256 = await fileDigest(partial);
    if (wanted.sha256 !== undefined && sha256 !== wanted.sha256)
      throw new FoveaError(
        'MODEL_CORRUPT',
        `${what} is not the file that is wanted: size or SHA-256 differ.`,
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

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
