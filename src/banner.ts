import { version } from './version.ts';
import type { Config } from './config.ts';
import type { ModelStatus } from './protocol/model.ts';

/** The first lines a person sees: where everything is, and how the models stand. */
export function banner(url: string, config: Config, models: readonly ModelStatus[]): string {
  const database =
    config.DATABASE_URL === undefined ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
  const lines = [
    ['API', `${url}/api/v1`],
    ['Docs', `${url}/docs`],
    ['Health', `${url}/health/ready`],
    ['Data', `${config.FOVEA_DATA_DIR} (${database})`],
    [
      'Models',
      `${config.FOVEA_MODELS_DIR}: ${models.map(({ name, state }) => `${name} ${state === 'ready' ? 'ready' : 'is loading'}`).join(', ')}`,
    ],
  ];
  return `Fovea ${version}\n${lines.map(([what, where]) => `  ${(what ?? '').padEnd(8)}${where}`).join('\n')}\n`;
}

/** One line for a model that is ready, or why it is not. */
export function modelLine({ name, state, load_ms: loadMs, reason }: ModelStatus): string {
  return state === 'ready'
    ? `  ${name} is ready (loaded and warmed up in ${Math.round(loadMs ?? 0)} ms)\n`
    : `  ${name} is ${state}${reason ? `: ${reason}` : ''}\n`;
}
