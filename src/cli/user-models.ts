import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { foreignFormat } from '../import/foreign-format.ts';
import {
  modelVersion,
  modelVersionList,
  servedTask,
  type ModelVersion,
  type ServedTask,
} from '../protocol/model-version.ts';
import { modelVerdict } from './model-verdict.ts';
import { defaultServer, noServerAt, withServer, type ServerOptions } from './server-options.ts';
import { humanBytes, table } from './table.ts';

/** Commands for the models that a running server has: they talk to it over HTTP. */

interface PushOptions extends ServerOptions {
  readonly name: string;
  readonly description?: string;
  readonly metadata?: string;
  readonly task?: ServedTask;
  readonly labels?: string;
  readonly layout?: string;
  readonly samples?: string;
  readonly default: boolean;
}

export function addUserModels(models: Command): void {
  talking(models.command('push'))
    .summary('upload model files as the next version')
    .argument('<files...>', 'the model; files that belong together one after another')
    .requiredOption('--name <name>', 'name of the model')
    .option('--description <text>', 'what it is')
    .option(
      '--metadata <json>',
      'a JSON object; features, classes, nullable and targets complete the signature',
    )
    .addOption(
      new Option('--task <task>', 'what it is for, when its own metadata do not say it').choices(
        servedTask.options,
      ),
    )
    .option('--labels <file>', 'class names of a detector or classifier, one a line, in its order')
    .option('--layout <name>', 'how the outputs of a detector are laid out: yolov5, yolov8, detr…')
    .option('--samples <file>', 'JSON: inputs with the predictions or probabilities to be answered')
    .option('--no-default', 'let the version that answers now go on answering')
    .action(push);
  talking(models.command('list')).summary('list the uploaded models').action(list);
  talking(models.command('versions'))
    .summary('list the versions of a model')
    .argument('<model>', 'name or id')
    .action(versions);
  talking(models.command('rollback'))
    .summary('let an older version answer')
    .argument('<model>', 'name or id')
    .argument('[version]', 'number or alias; the one before when left out')
    .action(rollback);
  talking(models.command('purge'))
    .summary('archive a model, or one version of it, and delete its files for good')
    .argument('<model>', 'name (of one that is not archived) or id')
    .argument('[version]', 'number or alias; all when left out')
    .option('--yes', 'do it; without it, only what would go is said')
    .action(purge);
}

function talking(command: Command): Command {
  return withServer(command, 'address of the server', defaultServer);
}

async function push(files: readonly string[], options: PushOptions): Promise<void> {
  const form = new FormData();
  form.set('name', options.name);
  if (options.description !== undefined) form.set('description', options.description);
  const metadata = await metadataOf(options);
  if (metadata !== undefined) form.set('metadata', metadata);
  if (options.task !== undefined) form.set('task', options.task);
  form.set('default', String(options.default));
  for (const file of files) {
    await refuseFolder(file);
    form.append('file', await blobOf(file), basename(file));
  }
  if (options.samples !== undefined)
    form.set('samples', await blobOf(options.samples), 'samples.json');
  const model = modelVersion.parse(
    await call(options, 'models/upload', { method: 'POST', body: form }),
  );
  process.stdout.write(modelVerdict(model));
}

/** What is said of a detector's outputs goes into the metadata, as the server takes it. */
async function metadataOf({ metadata, labels, layout }: PushOptions): Promise<string | undefined> {
  if (labels === undefined && layout === undefined) return metadata;
  const given = z.record(z.string(), z.unknown()).safeParse(parsedJson(metadata ?? '{}'));
  if (!given.success) throw new FoveaError('REQUEST_INVALID', '--metadata is no JSON object.');
  const vision = z.record(z.string(), z.unknown()).catch({}).parse(given.data['vision']);
  const lines =
    labels === undefined
      ? undefined
      : (await (await blobOf(labels)).text()).split(/\r?\n/).filter((line) => line !== '');
  return JSON.stringify({
    ...given.data,
    vision: {
      ...vision,
      ...(layout === undefined ? {} : { layout }),
      ...(lines === undefined ? {} : { labels: lines }),
    },
  });
}

/** undefined for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Exports that are folders have other names for their format than a file has. */
async function refuseFolder(path: string): Promise<void> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return;
  const names = await readdir(path);
  const found = foreignFormat([
    basename(path),
    ...names.map((name) => `${basename(path)}/${name}`),
  ]);
  throw new FoveaError(
    'REQUEST_INVALID',
    found
      ? `${path} is a ${found.format}, which is not served; ${found.advice}.`
      : `${path} is a folder; name the files in it that belong to the model.`,
  );
}

async function blobOf(file: string): Promise<Blob> {
  if ((await stat(file).catch(() => undefined))?.isFile()) return await openAsBlob(file);
  throw new FoveaError('REQUEST_INVALID', `${file} is no file that can be read.`);
}

async function list(options: ServerOptions): Promise<void> {
  process.stdout.write(shown(await all(options, 'models?limit=100')));
}

async function versions(model: string, options: ServerOptions): Promise<void> {
  const { id } = await find(options, model);
  process.stdout.write(shown(await all(options, `models/${id}/versions?limit=100`)));
}

async function rollback(
  model: string,
  version: string | undefined,
  options: ServerOptions,
): Promise<void> {
  const { id } = await find(options, model);
  const answer = await call(options, `models/${id}/rollback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(version === undefined ? {} : { version }),
  });
  const now = modelVersion.parse(answer);
  process.stdout.write(`${now.name} v${now.version} answers now\n`);
}

async function purge(
  model: string,
  version: string | undefined,
  options: ServerOptions & { readonly yes?: true },
): Promise<void> {
  const { id, name } = await find(options, model);
  const query = version === undefined ? '' : `version=${encodeURIComponent(version)}`;
  const chosen =
    version === undefined
      ? await all(options, `models/${id}/versions?limit=100`)
      : [modelVersion.parse(await call(options, `models/${id}?${query}`))];
  const going = chosen.filter(({ purged_at: gone }) => gone === undefined);
  const bytes = humanBytes(going.reduce((sum, { size_bytes: size }) => sum + size, 0));
  const what = `${going.map((one) => `v${one.version}`).join(', ') || 'no version'} of ${name} (${bytes})`;
  if (!options.yes) {
    process.stdout.write(`This would delete ${what} for good; say it again with --yes.\n`);
    return;
  }
  await call(options, `models/${id}?purge=true&${query}`, { method: 'DELETE' });
  process.stdout.write(`deleted ${what}\n`);
}

/** By id, or by its exact name. */
async function find(options: ServerOptions, model: string): Promise<ModelVersion> {
  if (z.uuid().safeParse(model).success)
    return modelVersion.parse(await call(options, `models/${model}`));
  const found = await all(options, `models?limit=100&name=${encodeURIComponent(model)}`);
  const match = found.find(({ name }) => name === model);
  if (match) return match;
  throw new FoveaError(
    'MODEL_NOT_FOUND',
    `The server has no model ${model}; fovea models list shows them.`,
  );
}

async function all(options: ServerOptions, path: string): Promise<ModelVersion[]> {
  const items: ModelVersion[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page = modelVersionList.parse(await call(options, path + more));
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** @throws FoveaError with what the server says. */
async function call(
  { server, token }: ServerOptions,
  path: string,
  init: RequestInit = {},
): Promise<unknown> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const url = new URL(`/api/v1/${path}`, server);
  const response = await fetch(url, { ...init, headers }).catch((error: unknown) => {
    throw new FoveaError('MODEL_UNAVAILABLE', noServerAt(server), {}, error);
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const { data } = failure.safeParse(body);
  const message = data
    ? `${data.error.message} (${data.error.code})`
    : `The server answered ${response.status}.`;
  throw new FoveaError('REQUEST_INVALID', message);
}

function shown(models: readonly ModelVersion[]): string {
  const rows = models.map((model) => [
    model.name,
    `v${model.version}`,
    model.aliases.join(', '),
    model.status,
    model.format,
    humanBytes(model.size_bytes),
    model.created_at,
    model.id,
  ]);
  return table(['NAME', 'VERSION', 'ALIASES', 'STATUS', 'FORMAT', 'SIZE', 'CREATED', 'ID'], rows);
}
