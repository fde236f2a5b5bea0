import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FileLock } from '../db/file-lock.ts';
import { FoveaError } from '../errors.ts';

const storedKey = z.object({
  kid: z.string().min(1),
  created_at: z.coerce.date(),
  /** Since when it signs no more. */
  retired_at: z.coerce.date().nullable(),
  /** Ed25519, private (RFC 8037). */
  jwk: z.object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().min(1),
    d: z.string().min(1),
  }),
});
export type StoredKey = z.infer<typeof storedKey>;
const content = z.object({ keys: z.array(storedKey).max(1_000) });

const lockTimeoutMs = 5_000;
/** Nobody but the owner may read the keys. */
const ownerOnly = 0o600;

/** The signing keys on disk, for one server or several that share the file. */
export class KeyFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Empty when there is no file yet. @throws FoveaError STORAGE_UNAVAILABLE. */
  async read(): Promise<StoredKey[]> {
    try {
      const text = await readFile(this.path, 'utf8');
      return content.parse(JSON.parse(text)).keys;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#unusable(error);
    }
  }

  /** Replaces the file by what `change` makes of it, one process at a time; resolves with the new keys. */
  async change(change: (keys: readonly StoredKey[]) => Promise<StoredKey[]>): Promise<StoredKey[]> {
    const lock = await this.#lock();
    try {
      await this.#close();
      const keys = await change(await this.read());
      await this.#write(JSON.stringify({ keys }, null, 2));
      return keys;
    } catch (error) {
      throw this.#unusable(error);
    } finally {
      lock.release();
    }
  }

  /** A file that was copied here may be readable by others. */
  async #close(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    if (found && (found.mode & 0o077) !== 0) await chmod(this.path, ownerOnly);
  }

  /** Whole or not at all, also when the power fails in between. */
  async #write(text: string): Promise<void> {
    const temporary = `${this.path}.${randomUUID()}.new`;
    try {
      const handle = await open(temporary, 'wx', ownerOnly);
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
      await rename(temporary, this.path);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #lock(): Promise<FileLock> {
    const deadline = Date.now() + lockTimeoutMs;
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      for (;;) {
        const lock = FileLock.take(`${this.path}.lock`);
        if (lock) return lock;
        if (Date.now() > deadline) throw new Error('another process has held it for 5 s');
        await sleep(25);
      }
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  #unusable(error: unknown): FoveaError {
    if (error instanceof FoveaError) return error;
    const reason = error instanceof z.ZodError ? 'it is not a file of keys' : String(error);
    const message = `The file of signing keys ${this.path} cannot be used: ${reason}. Restore it, or move it away: a new one is made, and people log in anew.`;
    return new FoveaError('STORAGE_UNAVAILABLE', message, {}, error);
  }
}
