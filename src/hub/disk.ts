import { statfs } from 'node:fs/promises';

/** What a download has to know of the disk. */
export interface Disk {
  /** Bytes that may still be written below `directory`. */
  freeBytes(directory: string): Promise<number>;
}

export const realDisk: Disk = {
  async freeBytes(directory) {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  },
};
