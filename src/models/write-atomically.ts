import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A reader sees the file as it was, or whole. */
export async function writeAtomically(
  directory: string,
  name: string,
  content: string,
): Promise<void> {
  const partial = join(directory, `.${name}.${randomUUID()}.partial`);
  try {
    await writeFile(partial, content, { flush: true });
    await rename(partial, join(directory, name));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
