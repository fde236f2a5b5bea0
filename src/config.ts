import module from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';
import { accessSettings } from './settings/access.ts';
import { engineSettings } from './settings/engine.ts';
import { facesSettings } from './settings/faces.ts';
import { imagesSettings } from './settings/images.ts';
import { limitsSettings } from './settings/limits.ts';
import { modelsSettings } from './settings/models.ts';
import { predictionsSettings } from './settings/predictions.ts';
import { remoteSettings } from './settings/remote.ts';
import { serverSettings } from './settings/server.ts';
import { sessionsSettings } from './settings/sessions.ts';
import { storageSettings } from './settings/storage.ts';
import { uploadsSettings } from './settings/uploads.ts';
import { validationSettings } from './settings/validation.ts';
import type { Setting } from './settings/setting-types.ts';
import { readSettingsFile, type Given } from './settings/settings-file.ts';

/** The only file that reads the environment. `main.ts` reads it once and passes plain values down. */

/** Every setting, by the name it has in the environment and in `fovea.yaml`. `docs/settings.md` is generated from here. */
export const settings = {
  ...serverSettings,
  ...accessSettings,
  ...storageSettings,
  ...modelsSettings,
  ...engineSettings,
  ...limitsSettings,
  ...imagesSettings,
  ...facesSettings,
  ...validationSettings,
  ...remoteSettings,
  ...sessionsSettings,
  ...uploadsSettings,
  ...predictionsSettings,
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;
export type Config = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]['schema']> };

/** All mistakes of one configuration together, each with what to change. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/**
 * The environment laid over `fovea.yaml` (same names as keys), parsed once and frozen.
 * @throws ConfigError naming every mistake at once.
 */
export function readConfig(environment: Given = process.env, file = 'fovea.yaml'): Config {
  const mistakes: string[] = [];
  const fromFile = readSettingsFile(file, mistakes);
  const given: Given = { ...fromFile, ...environment };
  for (const name of Object.keys(given)) {
    const ours = name.startsWith('FOVEA_') || Object.hasOwn(fromFile, name);
    if (ours && !Object.hasOwn(settings, name))
      mistakes.push(`${name} is no setting${suggestion(name)}`);
  }
  const entries = Object.entries(settings).map(([name, { schema, fallback, secret }]) => {
    const value = given[name] === '' ? undefined : given[name];
    const result = (schema as z.ZodType).safeParse(value ?? fallback);
    if (result.success) return [name, result.data] as const;
    const shown = secret ? '(hidden)' : JSON.stringify(value);
    mistakes.push(
      `${name}=${shown}: ${result.error.issues.map((issue) => issue.message).join('; ')}`,
    );
    return [name, undefined] as const;
  });
  const config = Object.fromEntries(entries) as Config;
  if (mistakes.length === 0) mistakes.push(...contradictions(config));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(config);
}

/**
 * What a child process needs of the environment to run at all: no secret among it. And ONNX Runtime, which since 1.30
 * reports its use to its maker by default, is told not to.
 */
export function childEnvironment(): Record<string, string> {
  const names = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG'];
  const compiled = module.getCompileCacheDir(); // a folder for this version of Node in the one that is given
  return {
    ...Object.fromEntries(
      names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    ORT_DISABLE_TELEMETRY: '1',
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) }),
  };
}

/** Whether `host` is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function contradictions(config: Config): string[] {
  const found: string[] = [];
  if (config.FOVEA_SESSION_TTL > config.FOVEA_SESSION_MAX_TTL)
    found.push('FOVEA_SESSION_TTL is above FOVEA_SESSION_MAX_TTL');
  const orders = [
    ['FOVEA_RULE_MIN_SIDE', 'FOVEA_RULE_MAX_SIDE'],
    ['FOVEA_RULE_MIN_BRIGHTNESS', 'FOVEA_RULE_MAX_BRIGHTNESS'],
    ['FOVEA_RULE_MIN_FACES', 'FOVEA_RULE_MAX_FACES'],
  ] as const;
  for (const [low, high] of orders) {
    const [least, most] = [config[low], config[high]];
    if (least !== undefined && most !== undefined && least > most)
      found.push(`${low}=${least} is above ${high}=${most}`);
  }
  if (config.S3_BUCKET !== undefined && config.CLOUDINARY_URL !== undefined)
    found.push('S3_BUCKET and CLOUDINARY_URL are both set; images are in one of them');
  if ((config.AWS_ACCESS_KEY_ID === undefined) !== (config.AWS_SECRET_ACCESS_KEY === undefined))
    found.push('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together; one is missing');
  return found;
}

function suggestion(name: string): string {
  const words = new Set(name.split('_'));
  const scored = Object.keys(settings).map((known) => ({
    known,
    shared: known.split('_').filter((word) => word !== 'FOVEA' && words.has(word)).length,
  }));
  const best = scored.sort((a, b) => b.shared - a.shared)[0];
  return best && best.shared > 0
    ? `; did you mean ${best.known}?`
    : '; docs/settings.md lists them all';
}
