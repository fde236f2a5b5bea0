import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { catalog } from '../models/catalog/index.ts';
import { ModelStore } from '../models/model-store.ts';
import type { ModelManifest } from '../protocol/model-manifest.ts';
import { addImport } from './import-model.ts';
import { humanBytes, table } from './table.ts';
import { addUserModels } from './user-models.ts';

export function addModels(program: Command): void {
  const models = program
    .command('models')
    .summary('list the models; upload, list and roll back your own')
    .description(
      'Without a command: lists the models of the catalog and of the models folder, and whether their files are in place and whole. push, list, versions, rollback and purge talk to a running server.',
    )
    .allowExcessArguments()
    .option('--json', 'print JSON instead of a table')
    .action(listModels);
  addImport(models);
  addUserModels(models);
}

async function listModels(options: { json?: true }, command: Command): Promise<void> {
  const [unknown] = command.args;
  if (unknown !== undefined) command.error(`error: unknown command 'models ${unknown}'`);
  const store = new ModelStore(readConfig().FOVEA_MODELS_DIR);
  const found = await store.list((place, reason) =>
    process.stderr.write(`fovea: ${place} in the models folder is not usable: ${reason}\n`),
  );
  const own = found.filter(({ name }) => !catalog.some((known) => known.name === name));
  const models = await Promise.all(
    [...catalog, ...own].map(async (manifest) => ({
      manifest,
      state: (await store.isWhole(manifest)) ? 'present' : 'absent',
    })),
  );
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(
        models.map(({ manifest, state }) => ({ ...manifest, state })),
        null,
        2,
      )}\n`,
    );
    return;
  }
  const rows = models.map(({ manifest, state }) => [
    manifest.name,
    manifest.version,
    manifest.task,
    state,
    humanBytes(sizeOf(manifest)),
    manifest.licence.spdx,
    manifest.origin,
  ]);
  process.stdout.write(
    table(['NAME', 'VERSION', 'TASK', 'FILES', 'SIZE', 'LICENCE', 'ORIGIN'], rows),
  );
  if (models.some(({ state }) => state === 'absent'))
    process.stdout.write('\nnpx fovea setup brings what is absent.\n');
}

function sizeOf(manifest: ModelManifest): number {
  return manifest.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
}
