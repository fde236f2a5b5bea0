import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SetupStatus } from '../src/protocol/setup.ts';
import { quantile } from './machine.ts';
import { circumstances, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';

/** How long until models serve: from an empty models folder, and from one that has them. */

const rounds = 3;

interface Start {
  readonly readyMs: number;
  readonly loads: ReadonlyMap<string, number>;
}

async function start(models: string): Promise<Start> {
  const server = await startServer({}, models);
  try {
    const status = (await (await fetch(`${server.url}/api/v1/setup`)).json()) as SetupStatus;
    const loads = new Map(
      status.models.flatMap(({ name, load_ms: ms }) => (ms === undefined ? [] : [[name, ms]])),
    );
    return { readyMs: server.readyMs, loads };
  } finally {
    await server.stop();
  }
}

const [cold, warm]: [Start[], Start[]] = [[], []];
for (let round = 0; round < rounds; round += 1) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-models-'));
  cold.push(await start(folder));
  warm.push(await start(folder));
  rmSync(folder, { recursive: true, force: true });
}
const median = (values: readonly number[]): string => quantile(values, 0.5).toFixed(0);
const names = [...new Set(warm.flatMap(({ loads }) => [...loads.keys()]))];
const rows = names.map((name) => {
  const of = (starts: readonly Start[]): string =>
    median(starts.flatMap(({ loads }) => loads.get(name) ?? []));
  return `| ${name} | ${of(cold)} | ${of(warm)} |`;
});
publish(
  'model-load',
  `# How long until models serve

\`npm run bench -- model-load\`. *Cold* is the first start on an empty models folder: files come from npm packages and are converted. *Warm* is the next start. \`ready\` is counted from the start of
the process; a model's time is loading and warm-up in its worker. The promise is 10 s. Medians of ${rounds}; the system's file cache is warm in both.

${circumstances()}

| | cold ms | warm ms |
|---|---|---|
| **ready** | ${median(cold.map(({ readyMs }) => readyMs))} | ${median(warm.map(({ readyMs }) => readyMs))} |
${rows.join('\n')}
`,
);
