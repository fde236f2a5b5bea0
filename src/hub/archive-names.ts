import { open } from 'node:fs/promises';
import { openPromise } from 'yauzl';

/** More files than an archive of one model has. */
const mostNames = 1_000;
/** A zip archive begins with its first file (PKWARE APPNOTE 4.3.7). */
const zipMagic = 'PK\u0003\u0004';

/** Names of the files in a zip archive, at most 1,000; none when it is no archive, or a damaged one. Nothing is unpacked. */
export async function archiveNames(path: string): Promise<string[]> {
  if (!(await isZip(path))) return [];
  const names: string[] = [];
  try {
    const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    try {
      for await (const { fileName } of zip.eachEntry()) {
        names.push(fileName);
        if (names.length === mostNames) break;
      }
    } finally {
      zip.close();
    }
  } catch {
    return [];
  }
  return names;
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === zipMagic;
  } finally {
    await file.close();
  }
}
