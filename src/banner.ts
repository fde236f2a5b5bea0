import { version } from './version.ts';
import { isLoopback, type Config } from './config.ts';
import { needsAccounts, registrationMode } from './compose/server-options.ts';
import type { ModelStatus } from './protocol/model.ts';

/** The first lines a person sees: where everything is, and how the models stand. */
export function banner(url: string, config: Config, models: readonly ModelStatus[]): string {
  const database =
    config.DATABASE_URL === undefined ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
  const lines = [
    ['Console', `${url}/app`],
    ['API', `${url}/api/v1`],
    ['Docs', `${url}/docs`],
    ['Health', `${url}/health/ready`],
    ['Access', access(config)],
    ['Data', `${config.FOVEA_DATA_DIR} (${database})`],
    [
      'Models',
      `${config.FOVEA_MODELS_DIR}: ${models.map(({ name, state }) => `${name} ${state === 'ready' ? 'ready' : 'is loading'}`).join(', ')}`,
    ],
  ];
  return `Fovea ${version}\n${lines.map(([what, where]) => `  ${(what ?? '').padEnd(9)}${where}`).join('\n')}\n`;
}

function access(config: Config): string {
  if (needsAccounts(config)) return 'with an account or API key (docs/access.md)';
  return isLoopback(config.HOST)
    ? 'open, from this machine only'
    : 'OPEN to anybody who can reach it (FOVEA_AUTH=open)';
}

/** How the first account comes about, which is the administrator's. */
export function firstAccountLine(url: string, config: Config): string {
  if (registrationMode(config) === 'closed')
    return '  There is no account yet, and registration is closed. Stop the server, run npx fovea users add you@example.org --admin, and start it again.\n';
  const body = `'{"email": "you@example.org", "password": "…"}'`;
  return `  There is no account yet. The first one is the administrator's, so make it now:\n  curl -H 'Content-Type: application/json' -d ${body} ${url}/api/v1/auth/register\n`;
}

/** One line for a model that is ready, or why it is not. */
export function modelLine({ name, state, load_ms: loadMs, reason }: ModelStatus): string {
  return state === 'ready'
    ? `  ${name} is ready (loaded and warmed up in ${Math.round(loadMs ?? 0)} ms)\n`
    : `  ${name} is ${state}${reason ? `: ${reason}` : ''}\n`;
}
