import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { readConfig, type Config, type SettingName } from '../config.ts';
import { FoveaError } from '../errors.ts';
import { packNamed, starterPack } from '../models/packs/index.ts';
import type { LicenceTerms } from '../models/packs/licence-terms.ts';
import type { ModelPack } from '../models/packs/model-pack.ts';
import type { SetupRequest, SetupStatus } from '../protocol/setup.ts';
import { withLocalInference } from './local-inference.ts';
import { setUpRemotely } from './remote-setup.ts';
import { withServer } from './server-options.ts';
import { jsonLines, setupProgress, type SetupProgress } from './setup-progress.ts';

interface Options {
  readonly acceptLicence?: true;
  readonly verify?: true;
  readonly json?: true;
  readonly server?: string;
  readonly token?: string;
}

export function addSetup(program: Command): void {
  withServer(program.command('setup'), 'let a running server do it')
    .argument('[packs...]', 'packs to bring, such as buffalo_l; without one, what the server uses')
    .summary('bring the models and try each one')
    .description(
      'Puts models into the models folder, checks their digests, loads each one and warms it up. What was interrupted goes on where it stopped.',
    )
    .option('--accept-licence', 'accept the terms of the packs, for the record')
    .option('--verify', 'hash every file that is there, and bring anew what is damaged')
    .option('--json', 'print one JSON object per change instead of bars')
    .action(setUp);
}

async function setUp(names: readonly string[], options: Options): Promise<void> {
  const terms = names
    .filter((name) => name !== starterPack)
    .flatMap((name) => packNamed(name).licence ?? []);
  if (options.acceptLicence) tellTerms(terms);
  const request: SetupRequest = {
    packs: [...names],
    ...(options.acceptLicence ? { accept_licences: terms.map(({ id }) => id) } : {}),
    ...(options.verify ? { verify: true } : {}),
  };
  const wanted = modelsOf(names);
  const progress = ofThese(
    wanted,
    options.json ? jsonLines(process.stdout) : setupProgress(process.stdout),
  );
  const status =
    options.server === undefined
      ? await setUpHere(names, request, progress)
      : await setUpRemotely(options.server, options.token, request, progress);
  progress.show(status.models);
  progress.end();
  report(names, wanted, status, options);
}

/** Names of the models that packs bring; nothing when everything is meant. */
function modelsOf(names: readonly string[]): ReadonlySet<string> {
  const packs = names.filter((name) => name !== starterPack).map(packNamed);
  return new Set(packs.flatMap(({ models }) => models.map(({ name }) => name)));
}

/** What others do is of no interest to who asked for some. */
function ofThese(wanted: ReadonlySet<string>, progress: SetupProgress): SetupProgress {
  if (wanted.size === 0) return progress;
  return {
    ...progress,
    show: (models) => progress.show(models.filter(({ name }) => wanted.has(name))),
  };
}

async function setUpHere(
  names: readonly string[],
  request: SetupRequest,
  progress: SetupProgress,
): Promise<SetupStatus> {
  const config = configFor(names);
  return await withLocalInference(async ({ setup, registry }) => {
    const stop = registry.onChange(() => progress.show(registry.list()));
    const { done } = await setup.request(request, `cli:${userInfo().username}`);
    await done.finally(stop);
    return await setup.status();
  }, config);
}

/** A face pack that is named is tried as the one in use, whatever the server will use. */
function configFor(names: readonly string[]): Config {
  const config = readConfig();
  const pack = names.findLast((name) => name !== starterPack && packNamed(name).suite) as
    | Config['FOVEA_FACE_PACK']
    | undefined;
  return pack === undefined ? config : { ...config, FOVEA_FACE_PACK: pack };
}

function tellTerms(terms: readonly LicenceTerms[]): void {
  for (const { title, summary, url } of new Set(terms))
    process.stderr.write(`Accepted: ${title}. ${summary} ${url}\n`);
}

function report(
  names: readonly string[],
  wanted: ReadonlySet<string>,
  status: SetupStatus,
  { json }: Options,
): void {
  const failed = status.models.filter(
    ({ name, state }) => state === 'failed' && (wanted.size === 0 || wanted.has(name)),
  );
  if (failed.length > 0)
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      // In full: a bar has only as much of it as the terminal is wide.
      `Not everything could be set up.\n${failed.map(({ name, reason }) => `  ${name}: ${reason ?? 'unknown cause'}`).join('\n')}`,
    );
  const idle = status.packs.filter(({ name, active }) => names.includes(name) && !active);
  for (const { name } of json ? [] : idle) {
    const setting = settingFor(packNamed(name));
    if (setting !== undefined)
      process.stdout.write(`\n${name} is here. ${setting}=${name} lets the server use it.\n`);
  }
}

/** The setting that puts a pack to use, where it needs one. */
function settingFor({ suite, models }: ModelPack): SettingName | undefined {
  if (suite) return 'FOVEA_FACE_PACK';
  return models.some(({ task }) => task === 'image-text-embedding') ? 'FOVEA_CLIP_PACK' : undefined;
}
