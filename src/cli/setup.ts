import type { Command } from 'commander';
import { FoveaError } from '../errors.ts';
import type { ModelStatus } from '../protocol/model.ts';
import { withLocalInference } from './local-inference.ts';
import { humanBytes } from './table.ts';

export function addSetup(program: Command): void {
  program
    .command('setup')
    .summary('bring the models and try each one')
    .description(
      'Puts every model of the catalog into the models folder, checks the digests, loads each model and warms it up.',
    )
    .action(setUp);
}

async function setUp(): Promise<void> {
  const failed = await withLocalInference(async ({ setup, registry }) => {
    const stop = registry.onChange(progressPrinter(() => registry.list()));
    await setup.start().finally(stop);
    return registry.list().filter(({ state }) => state === 'failed');
  });
  if (failed.length > 0)
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      `${failed.map(({ name }) => name).join(', ')} could not be set up; the lines above say why.`,
    );
}

/** Prints a line whenever a model's state changes, or its progress by a tenth. */
function progressPrinter(models: () => readonly ModelStatus[]): () => void {
  const shown = new Map<string, string>();
  return () => {
    for (const model of models()) {
      const line = describe(model);
      if (shown.get(model.name) === line) continue;
      shown.set(model.name, line);
      process.stdout.write(`${line}\n`);
    }
  };
}

function describe({
  name,
  state,
  progress,
  size_bytes: size,
  load_ms: loadMs,
  reason,
}: ModelStatus): string {
  const filled = Math.floor(progress * 10);
  const detail = state === 'ready' ? `in ${Math.round(loadMs ?? 0)} ms` : (reason ?? '');
  return `${name.padEnd(20)} [${'#'.repeat(filled)}${'.'.repeat(10 - filled)}] ${humanBytes(size).padStart(7)}  ${state} ${detail}`.trimEnd();
}
