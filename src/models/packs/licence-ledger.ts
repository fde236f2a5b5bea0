import { mkdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { join } from 'node:path';
import { withFileLock } from '../../db/with-file-lock.ts';
import { FoveaError } from '../../errors.ts';
import { writeAtomically } from '../write-atomically.ts';
import type { LicenceTerms } from './licence-terms.ts';

const acceptance = z.object({
  licence: z.string(),
  version: z.string(),
  title: z.string(),
  url: z.string(),
  accepted_at: z.string(),
  /** Who said so: an account's e-mail address or id, or the user of the machine. */
  accepted_by: z.string(),
});
export type Acceptance = z.infer<typeof acceptance>;

const name = 'licences.json';

/** Who accepted which terms, and when: a file in the models folder, so that it counts for whoever shares the models. */
export class LicenceLedger {
  readonly #directory: string;

  /** @param directory the models folder */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Everything that was ever accepted, oldest first. */
  async list(): Promise<Acceptance[]> {
    const text = await readFile(join(this.#directory, name), 'utf8').catch(() => '[]');
    try {
      return z.array(acceptance).parse(JSON.parse(text));
    } catch {
      return []; // what cannot be read was not accepted
    }
  }

  /** The acceptance of these terms as they are now. */
  async of(terms: LicenceTerms): Promise<Acceptance | undefined> {
    return (await this.list()).find(
      ({ licence, version }) => licence === terms.id && version === terms.version,
    );
  }

  /** Records it, once. */
  async accept(terms: LicenceTerms, by: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const lock = join(this.#directory, `.${name}.lock`);
    await withFileLock(
      lock,
      AbortSignal.timeout(10_000),
      () => undefined,
      async () => {
        if (await this.of(terms)) return;
        const { id: licence, version, title, url } = terms;
        const entry = {
          licence,
          version,
          title,
          url,
          accepted_at: new Date().toISOString(),
          accepted_by: by,
        };
        const all = [...(await this.list()), entry];
        await writeAtomically(this.#directory, name, `${JSON.stringify(all, null, 2)}\n`);
      },
    );
  }

  /** @throws FoveaError LICENCE_NOT_ACCEPTED saying which terms, and how to accept them. */
  async require(terms: LicenceTerms, pack: string): Promise<void> {
    if (await this.of(terms)) return;
    const { id, version, title, summary, url } = terms;
    throw new FoveaError(
      'LICENCE_NOT_ACCEPTED',
      `The pack ${pack} comes under terms that nobody here has accepted (${title}; ${url}). Accept with \`fovea setup ${pack} --accept-licence\` or "accept_licences": ["${id}"] in POST /api/setup.`,
      { pack, licences: [{ id, version, title, summary, url }] },
    );
  }
}
