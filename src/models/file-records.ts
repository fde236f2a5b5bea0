import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileDigest } from '../hub/file-digest.ts';
import { writeAtomically } from './write-atomically.ts';

/** What is known of a file that lies in a model's folder. */
const fileRecord = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int(),
  /** When it had its digest; a file that was written to since has another time. */
  mtime_ms: z.number(),
  /** Who vouches for the digest: the manifest, the hub, or nobody but the first download. */
  pinned_by: z.enum(['manifest', 'hub', 'first-download']),
  source: z.string(),
  verified_at: z.string(),
});
export type FileRecord = z.infer<typeof fileRecord>;

const name = '.files.json';

/** The digests of a model's files, kept beside them: pins for what no manifest pins, and no hashing at every start. */
export class FileRecords {
  readonly #directory: string;
  readonly #records: Map<string, FileRecord>;

  private constructor(directory: string, records: Map<string, FileRecord>) {
    this.#directory = directory;
    this.#records = records;
  }

  static async open(directory: string): Promise<FileRecords> {
    const text = await readFile(join(directory, name), 'utf8').catch(() => '{}');
    try {
      const records = z.record(z.string(), fileRecord).parse(JSON.parse(text));
      return new FileRecords(directory, new Map(Object.entries(records)));
    } catch {
      return new FileRecords(directory, new Map()); // damaged: everything is hashed anew
    }
  }

  get(path: string): FileRecord | undefined {
    return this.#records.get(path);
  }

  /**
   * Whether the file is there and is the one wanted: by its digest when `thorough`, else by size and time if it had
   * its digest before. What nobody pinned is whole if it is what came first.
   */
  async isWhole(path: string, sha256: string | undefined, thorough: boolean): Promise<boolean> {
    const file = join(this.#directory, path);
    const found = await stat(file).catch(() => undefined);
    const known = this.#records.get(path);
    const wanted = sha256 ?? known?.sha256;
    if (!found?.isFile() || wanted === undefined) return false;
    const untouched =
      known?.sha256 === wanted && known.bytes === found.size && known.mtime_ms === found.mtimeMs;
    if (untouched && !thorough) return true;
    if ((await fileDigest(file)) !== wanted) return false;
    if (!untouched)
      await this.keep(path, {
        sha256: wanted,
        pinned_by: known?.pinned_by ?? 'manifest',
        source: known?.source ?? '',
      });
    return true;
  }

  /** Remembers the file as it lies there now. */
  async keep(
    path: string,
    facts: Pick<FileRecord, 'sha256' | 'pinned_by' | 'source'>,
  ): Promise<FileRecord> {
    const { size: bytes, mtimeMs: mtime_ms } = await stat(join(this.#directory, path));
    const record = { ...facts, bytes, mtime_ms, verified_at: new Date().toISOString() };
    this.#records.set(path, record);
    const all = Object.fromEntries(this.#records);
    // Best effort: a folder that cannot be written to is hashed at each start.
    await writeAtomically(this.#directory, name, `${JSON.stringify(all, null, 2)}\n`).catch(
      () => undefined,
    );
    return record;
  }
}
