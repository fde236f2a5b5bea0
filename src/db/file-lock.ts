import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * An exclusive lock on a file, held by the kernel for as long as this process lives. Node has no
 * `flock`, but its SQLite takes one on every platform. Unlike a file with a process id in it, such a
 * lock cannot be left behind by a kill, cannot mistake a reused process id for its owner, and is
 * also seen from another container that shares the volume.
 */
export class FileLock {
  readonly #handle: DatabaseSync;

  private constructor(handle: DatabaseSync) {
    this.#handle = handle;
  }

  /** Takes the lock, creating the file; `undefined` when somebody else, in any process, holds it. */
  static take(path: string): FileLock | undefined {
    const handle = new DatabaseSync(path, { timeout: 0 });
    try {
      handle.exec('pragma journal_mode = off; begin exclusive');
      return new FileLock(handle);
    } catch (error) {
      handle.close();
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  /** Idempotent. The file stays: removing it would let two owners lock two files of the same name. */
  release(): void {
    if (this.#handle.isOpen) this.#handle.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
