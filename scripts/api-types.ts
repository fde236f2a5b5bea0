import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../src/config.ts';
import { startServer } from '../src/main.ts';
import { createLogger } from '../src/telemetry/logger.ts';

/** Writes the console's types of the API from the OpenAPI document of a real server; with --check, says when they are stale. */

const root = join(import.meta.dirname, '..');
const target = join(root, 'console/src/api/schema.d.ts');
const scratch = await mkdtemp(join(tmpdir(), 'fovea-api-types-'));
try {
  const document = join(scratch, 'openapi.json');
  await writeFile(document, await openApi());
  const made = join(scratch, 'schema.d.ts');
  const tool = join(root, 'tools/codegen/node_modules/.bin/openapi-typescript');
  await promisify(execFile)(
    tool,
    [
      document,
      '-o',
      made,
      '--root-types',
      '--root-types-no-schema-prefix',
      '--default-non-nullable',
      'false',
    ],
    {
      timeout: 60_000,
    },
  );
  const text = await readFile(made, 'utf8');
  const same = (await readFile(target, 'utf8').catch(() => '')) === text;
  if (!process.argv.includes('--check')) await writeFile(target, text);
  else if (!same) {
    process.stdout.write('console/src/api/schema.d.ts is stale; run npm run api-types\n');
    process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function openApi(): Promise<string> {
  const data = join(scratch, 'data');
  const settings = { PORT: '0', FOVEA_DATA_DIR: data, FOVEA_MODELS_DIR: join(data, 'models') };
  const server = await startServer(
    readConfig(settings, join(scratch, 'none.yaml')),
    createLogger('fatal'),
  );
  try {
    const response = await fetch(`${server.url}/openapi.json`, {
      signal: AbortSignal.timeout(30_000),
    });
    return await response.text();
  } finally {
    await server.stop(false);
  }
}
