import { createWriteStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { FoveaError } from '../errors.ts';

/** An archive of models has few files; more is something else. */
const mostEntries = 1_000;

/**
 * Writes the one file of that name in a zip archive to `target`. No name of the archive is ever a path: whatever folder
 * the file is in, it goes where the caller says. It never becomes larger than `maxBytes`, whatever the archive says.
 * @throws FoveaError MODEL_CORRUPT
 */
export async function extractMember(
  archive: string,
  name: string,
  target: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(archive, { autoClose: false, lazyEntries: true });
    const entry = await find(zip, name);
    if (entry.uncompressedSize > maxBytes)
      throw corrupt(
        `${name} in it has ${entry.uncompressedSize} bytes, at most ${maxBytes} are taken`,
      );
    const bytes: Readable = await zip.openReadStreamPromise(entry);
    await pipeline(bytes, bounded(maxBytes, name), createWriteStream(target, { flush: true }), {
      signal,
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof FoveaError || signal.aborted || code === 'ENOSPC') throw error;
    throw corrupt('it is no zip archive, or a damaged one', error);
  } finally {
    zip?.close();
  }
}

async function find(zip: ZipFile, name: string): Promise<Entry> {
  if (zip.entryCount > mostEntries)
    throw corrupt(`it has ${zip.entryCount} files, at most ${mostEntries} are looked through`);
  const found: Entry[] = [];
  for await (const entry of zip.eachEntry())
    if (entry.fileName.split('/').at(-1) === name) found.push(entry);
  const [first, second] = found;
  if (!first) throw corrupt(`there is no ${name} in it`);
  if (second) throw corrupt(`${name} is in it more than once`);
  if (first.isEncrypted() || isLink(first)) throw corrupt(`${name} in it is no plain file`);
  return first;
}

/** The Unix mode is in the upper half; 0xa is a symbolic link. */
function isLink({ externalFileAttributes }: Entry): boolean {
  return externalFileAttributes >>> 28 === 0xa;
}

function bounded(maxBytes: number, name: string): Transform {
  let done = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      done += chunk.length;
      if (done > maxBytes) next(corrupt(`${name} in it is larger than it says`));
      else next(null, chunk);
    },
  });
}

function corrupt(reason: string, cause?: unknown): FoveaError {
  return new FoveaError(
    'MODEL_CORRUPT',
    `The archive of the model cannot be used: ${reason}.`,
    {},
    cause,
  );
}
