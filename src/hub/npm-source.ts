import { access, readFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../errors.ts';
import type { ModelSource } from './source.ts';

const shape = /^((?:@[a-z0-9._-]+\/)?[a-z0-9._-]+)@([^/]+)\/(.+)$/;

/**
 * `npm:<package>@<version>/<path>`: a file inside a package that `npm ci` has installed. Nothing of
 * the package is ever imported; its files are read as data.
 */
export const npmSource: ModelSource = {
  async locate(reference) {
    const [, name, version, path] = shape.exec(reference) ?? [];
    if (!name || !version || !path || normalize(path).startsWith('..'))
      throw unavailable(`npm:${reference} is not npm:<package>@<version>/<path>`);
    const root = await findPackage(name);
    if (!root) throw unavailable(`the npm package ${name} is not installed; run npm ci`);
    const installed = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    if (installed.version !== version)
      throw unavailable(
        `npm package ${name} is installed as ${String(installed.version)} but ${version} is needed; run npm ci`,
      );
    const file = join(root, ...path.split('/'));
    if (!(await exists(file)))
      throw unavailable(`${path} is missing from npm package ${name}; run npm ci`);
    return { kind: 'local', path: file };
  },
};

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

function unavailable(reason: string): FoveaError {
  return new FoveaError('MODEL_UNAVAILABLE', `The model file cannot be had: ${reason}.`);
}
