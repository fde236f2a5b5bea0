import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';
import type { Dispatcher } from 'undici';
import { FoveaError } from '../errors.ts';
import { realDisk, type Disk } from './disk.ts';
import { fileDigest } from './file-digest.ts';
import { brokenOff, headerOf, PassingFailure } from './hub-failure.ts';
import type { HubSettings } from './hub-settings.ts';
import { openRemote, type OpenedFile } from './open-remote.ts';
import { PartialFile } from './partial-file.ts';
import type { RemoteFile } from './source.ts';
import type { SourceBreakers } from './source-breakers.ts';

/** What the file has to be, as far as it is known. */
export interface Wanted {
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
  /** More is never written, whatever a server says. */
  readonly maxBytes: number;
}

export interface Downloaded {
  readonly sha256: string;
  readonly bytes: number;
  /** Who vouches for the digest: the manifest, the hub, or nobody but this first download. */
  readonly pinnedBy: 'manifest' | 'hub' | 'first-download';
}

export interface DownloadTools {
  readonly settings: HubSettings;
  readonly dispatcher: Dispatcher;
  readonly breakers: SourceBreakers;
  readonly disk?: Disk;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Bytes there so far, and in all when that is known. */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
}

/** Left free for everybody else who writes to the disk. */
const reserveBytes = 32 * 1024 * 1024;

/**
 * Fetches a file to `target`, which appears only when it is whole and has its digest. Goes on where an
 * earlier attempt stopped, in this process or another; tries again, with growing pauses, what may pass.
 * @throws FoveaError HUB_*, MODEL_CORRUPT, MODEL_TOO_LARGE, DISK_FULL, REQUEST_CANCELLED
 */
export async function download(
  remote: RemoteFile,
  target: string,
  wanted: Wanted,
  tools: DownloadTools,
  options: DownloadOptions,
): Promise<Downloaded> {
  const deadline = AbortSignal.timeout(tools.settings.fileDeadlineMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return await new Download(remote, target, wanted, tools, { ...options, signal }).run();
  } catch (error) {
    if (options.signal.aborted)
      throw new FoveaError('REQUEST_CANCELLED', 'The download was stopped; it can go on later.');
    if (deadline.aborted) throw brokenOff({ code: 'UND_ERR_BODY_TIMEOUT' }, remote).final;
    throw asFoveaError(error);
  }
}

class Download {
  readonly #remote: RemoteFile;
  readonly #partial: PartialFile;
  readonly #wanted: Wanted;
  readonly #tools: DownloadTools;
  readonly #options: DownloadOptions;
  #directory: string;
  #hubSha256: string | undefined;
  #resumed = false;

  constructor(
    remote: RemoteFile,
    target: string,
    wanted: Wanted,
    tools: DownloadTools,
    options: DownloadOptions,
  ) {
    this.#remote = remote;
    this.#partial = new PartialFile(target);
    this.#wanted = wanted;
    this.#tools = tools;
    this.#options = options;
    this.#directory = dirname(target);
  }

  async run(): Promise<Downloaded> {
    await this.#patiently();
    let sha256 = await fileDigest(this.#partial.path);
    if (sha256 !== this.#expected(sha256) && this.#resumed) {
      // The halves may be of two files; a fresh one decides.
      await this.#partial.remove();
      await this.#patiently();
      sha256 = await fileDigest(this.#partial.path);
    }
    if (sha256 !== this.#expected(sha256)) {
      await this.#partial.remove();
      throw this.#corrupt(`its SHA-256 is ${sha256}`);
    }
    const bytes = await this.#partial.bytes();
    await this.#partial.complete();
    return { sha256, bytes, pinnedBy: this.#pinnedBy() };
  }

  #expected(otherwise: string): string {
    return this.#wanted.sha256 ?? this.#hubSha256 ?? otherwise;
  }

  #pinnedBy(): Downloaded['pinnedBy'] {
    if (this.#wanted.sha256 !== undefined) return 'manifest';
    return this.#hubSha256 === undefined ? 'first-download' : 'hub';
  }

  /** Attempts until the last byte is there. Only attempts in a row that bring nothing count. */
  async #patiently(): Promise<void> {
    const { attempts, firstDelayMs, longestDelayMs } = this.#tools.settings.retry;
    const backoffs = new ExponentialBackoff({
      initialDelay: firstDelayMs,
      maxDelay: longestDelayMs,
    });
    let backoff: IBackoff<unknown> | undefined;
    for (let failures = 0; ;) {
      const before = await this.#partial.bytes();
      try {
        await this.#attempt();
        return;
      } catch (error) {
        if (!(error instanceof PassingFailure) || this.#options.signal.aborted) throw error;
        const moved = (await this.#partial.bytes()) > before;
        failures = moved ? 1 : failures + 1;
        if (failures >= attempts || (error.waitMs ?? 0) > longestDelayMs) throw error;
        backoff = moved || !backoff ? backoffs.next() : backoff.next(undefined);
        await sleep(Math.max(error.waitMs ?? 0, backoff.duration), undefined, {
          signal: this.#options.signal,
        });
      }
    }
  }

  async #attempt(): Promise<void> {
    const { signal } = this.#options;
    const had = await this.#resumable();
    const headers = had.bytes > 0 ? rangeFrom(had.bytes, had.etag) : {};
    const { dispatcher, breakers } = this.#tools;
    const opened = await breakers.run(this.#remote, async () =>
      openRemote(this.#remote, headers, dispatcher, signal),
    );
    if (opened.status === 416) return await this.#beyondTheEnd(opened, had.bytes);
    const from = opened.status === 206 ? had.bytes : 0;
    this.#resumed = from > 0;
    try {
      const total = this.#checkStated(opened, from);
      await this.#checkDisk((total ?? this.#wanted.bytes ?? 0) - from);
      await this.#receive(opened, from, total);
    } finally {
      opened.body.destroy();
    }
  }

  /** How much of an earlier attempt counts: all, if it was of the same bytes. */
  async #resumable(): Promise<{ bytes: number; etag?: string | undefined }> {
    const [bytes, state] = [await this.#partial.bytes(), await this.#partial.state()];
    const { sha256 } = this.#wanted;
    if (bytes === 0 || !state) return { bytes: 0 };
    if (state.etag !== undefined && state.page === this.#remote.page)
      return { bytes, etag: state.etag };
    // Without an ETag, or from a mirror, only a digest can tell in the end.
    return sha256 !== undefined && state.sha256 === sha256 ? { bytes } : { bytes: 0 };
  }

  /** 416: all of it is there already, or more than there is. */
  async #beyondTheEnd(opened: OpenedFile, had: number): Promise<void> {
    opened.body.destroy();
    if (headerOf(opened, 'content-range') === `bytes */${had}`) {
      this.#hubSha256 ??= opened.stated.sha256;
      this.#resumed = true;
      return;
    }
    await this.#partial.remove();
    throw brokenOff({ code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' }, this.#remote);
  }

  /** Holds what the server says against what is wanted, before a byte is fetched. Returns the whole length. */
  #checkStated(opened: OpenedFile, from: number): number | undefined {
    const { sha256, bytes, maxBytes } = this.#wanted;
    this.#hubSha256 = opened.stated.sha256;
    if (sha256 !== undefined && this.#hubSha256 !== undefined && this.#hubSha256 !== sha256)
      throw this.#corrupt(`the hub has another file, of SHA-256 ${this.#hubSha256}`);
    const total = wholeLength(opened, from) ?? opened.stated.bytes;
    if (bytes !== undefined && total !== undefined && total !== bytes)
      throw this.#corrupt(`it has ${total} bytes instead of ${bytes}`);
    if (total !== undefined && total > maxBytes) throw tooLarge(this.#remote.page, total, maxBytes);
    if (sha256 === undefined && /^text\/html\b/.test(headerOf(opened, 'content-type') ?? ''))
      throw this.#corrupt('it is a web page and no model');
    return total;
  }

  async #checkDisk(needed: number): Promise<void> {
    const free = await (this.#tools.disk ?? realDisk).freeBytes(this.#directory);
    if (needed + reserveBytes > free)
      throw diskFull(
        `${needed} more bytes are needed and ${Math.max(0, free - reserveBytes)} are free`,
      );
  }

  async #receive(opened: OpenedFile, from: number, total: number | undefined): Promise<void> {
    const { sha256, maxBytes } = this.#wanted;
    const limit = total ?? this.#wanted.bytes ?? maxBytes;
    const output = await this.#partial.write(from, {
      page: this.#remote.page,
      etag: strongEtag(opened),
      sha256,
    });
    let done = from;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, next) => {
        done += chunk.length;
        if (done > limit) return next(this.#corrupt(`it has more than ${limit} bytes`));
        this.#options.onProgress?.(done, total);
        next(null, chunk);
      },
    });
    try {
      await pipeline(opened.body, count, output, { signal: this.#options.signal });
    } catch (error) {
      throw this.#broken(error);
    }
    if (total !== undefined && done < total)
      throw brokenOff({ code: 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' }, this.#remote);
  }

  #broken(error: unknown): unknown {
    const code = (error as NodeJS.ErrnoException | null)?.code;
    if (error instanceof FoveaError || this.#options.signal.aborted) return error;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
      return diskFull(`the disk says ${code}`);
    return code?.startsWith('E') && writeFaults.has(code) ? error : brokenOff(error, this.#remote);
  }

  #corrupt(reason: string): FoveaError {
    const { page } = this.#remote;
    return new FoveaError(
      'MODEL_CORRUPT',
      `The file from ${page} is not the one that is wanted: ${reason}.`,
      {
        page,
        ...(this.#wanted.sha256 ? { expected_sha256: this.#wanted.sha256 } : {}),
      },
    );
  }
}

/** What the disk says rather than the network; another attempt would hear the same. */
const writeFaults: ReadonlySet<string> = new Set(['EIO', 'EROFS', 'EACCES', 'EPERM', 'EBADF']);

function rangeFrom(bytes: number, etag: string | undefined): Record<string, string> {
  return { range: `bytes=${bytes}-`, ...(etag === undefined ? {} : { 'if-range': etag }) };
}

/** Only a strong ETag speaks of bytes (RFC 9110 §13.1.5). */
function strongEtag(opened: OpenedFile): string | undefined {
  const etag = headerOf(opened, 'etag');
  return etag?.startsWith('"') ? etag : undefined;
}

/** The length of the whole file; a range that is not the one asked for is no answer. */
function wholeLength(opened: OpenedFile, from: number): number | undefined {
  if (opened.status === 206) {
    const [, start, all] =
      /^bytes (\d+)-\d+\/(\d+)$/.exec(headerOf(opened, 'content-range') ?? '') ?? [];
    if (Number(start) === from && all !== undefined) return Number(all);
    throw new FoveaError(
      'HUB_UNREACHABLE',
      'The server sends another part of the file than asked.',
    );
  }
  const length = Number(headerOf(opened, 'content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

export function diskFull(reason: string): FoveaError {
  return new FoveaError('DISK_FULL', `The disk of the models folder has no room: ${reason}.`);
}

function tooLarge(page: string, bytes: number, maxBytes: number): FoveaError {
  return new FoveaError(
    'MODEL_TOO_LARGE',
    `The file from ${page} has ${bytes} bytes; at most ${maxBytes} are fetched.`,
  );
}

function asFoveaError(error: unknown): unknown {
  if (error instanceof PassingFailure) return error.final;
  if ((error as NodeJS.ErrnoException | null)?.code === 'ENOSPC')
    return diskFull('the disk says ENOSPC');
  return error;
}
