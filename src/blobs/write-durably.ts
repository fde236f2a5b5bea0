import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What `writeDurably` writes until it is whole; found after a kill, it is nothing. */
export const partialSuffix = '.partial';

/** The file is whole and on the disk itself, or not there: written beside its place, flushed, renamed. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomUUID()}${partialSuffix}`;
  const handle = await create(partial);
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true }); // the first blob of its folder
    return await open(path, 'wx', 0o600);
  }
}
