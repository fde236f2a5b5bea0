import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/fovea-test');

/**
 * A folder that many tests begin with, kept beside the packages for as long as what it is made from stays the same:
 * the files of this repository that the patterns match, and the packages.
 */
export class KeptFolder {
  readonly #name: string;
  readonly #patterns: readonly string[];
  #path: Promise<string> | undefined;

  constructor(name: string, patterns: readonly string[]) {
    this.#name = name;
    this.#patterns = [...patterns, 'package-lock.json'];
  }

  async exists(): Promise<boolean> {
    return existsSync(await this.#whereabouts());
  }

  /** Copies it to `target`, which does not exist yet. */
  async copyTo(target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await run('cp', ['-a', '--reflink=auto', await this.#whereabouts(), target]);
  }

  /** Copies `source` in, unless somebody else has; all of it or nothing. */
  async keep(source: string): Promise<void> {
    await mkdir(cache, { recursive: true });
    const fresh = await mkdtemp(join(cache, 'new-'));
    try {
      await run('cp', ['-a', source, join(fresh, 'content')]);
      await rename(join(fresh, 'content'), await this.#whereabouts()).catch(() => undefined); // the other's is as good
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  async #whereabouts(): Promise<string> {
    this.#path ??= (async () => {
      const hash = createHash('sha256');
      for (const file of globSync([...this.#patterns], { cwd: root }).toSorted())
        hash.update(file).update(await readFile(join(root, file)));
      return join(cache, `${this.#name}-${hash.digest('hex').slice(0, 16)}`);
    })();
    return await this.#path;
  }
}
