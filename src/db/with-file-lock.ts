import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from './file-lock.ts';

const lookAgainMs = 100;

/**
 * Does `work` while nobody else, in this process or another, does any under the same path. A holder that is killed
 * lets go.
 * @param onWaiting called at each look while another one holds the lock
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal,
  onWaiting: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    const lock = FileLock.take(path);
    if (!lock) {
      onWaiting();
      await sleep(lookAgainMs, undefined, { signal });
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}
