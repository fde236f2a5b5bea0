import { access, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../errors.ts';
import { allowedUrl } from './allowed-url.ts';
import type { ModelSource, RemoteFile } from './source.ts';

const shape = /^((?:@[a-z0-9._-]+\/)?[a-z0-9._-]+)@([\w.+-]+)\/([^?#\\]+)$/;

/**
 * `npm:<package>@<version>/<path>`: a file of a package, from `node_modules` when the package is installed in that
 * version, else from where `FOVEA_NPM_FILES` says. Nothing of the package is ever imported; its files are read as data.
 */
export const npmSource: ModelSource = {
  async locate(reference, { npmFiles }) {
    const [, name, version, path] = shape.exec(reference) ?? [];
    const segments = path?.split('/') ?? [];
    if (!name || !version || segments.some((part) => /^\.{0,2}$/.test(part)))
      throw new FoveaError(
        'MODEL_UNAVAILABLE',
        `The model file cannot be had: npm:${reference} is not npm:<package>@<version>/<path>.`,
      );
    const file = await installed(name, version, segments);
    if (file !== undefined) return { kind: 'local', path: file };
    return remote(npmFiles, `${name}@${version}`, segments);
  },
};

async function installed(
  name: string,
  version: string,
  segments: readonly string[],
): Promise<string | undefined> {
  const root = await findPackage(name);
  if (root === undefined) return undefined;
  const { version: found } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version?: unknown;
  };
  const file = join(root, ...segments);
  return found === version && (await exists(file)) ? file : undefined;
}

function remote(base: URL, packed: string, segments: readonly string[]): RemoteFile {
  const place = `${base.origin}${base.pathname.replace(/\/$/, '')}/${packed}`;
  const url = allowedUrl(`${place}/${segments.map(encodeURIComponent).join('/')}`);
  return { kind: 'remote', url, page: `${url.origin}${url.pathname}` };
}

/** Walks up from this file as Node's resolution does, but also finds packages that export nothing. */
async function findPackage(name: string): Promise<string | undefined> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', ...name.split('/'));
    if (await exists(join(candidate, 'package.json'))) return candidate;
    if (dirname(folder) === folder || folder === sep) return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
