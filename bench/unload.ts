/**
 * Memory of models that load on first use: before, loaded, at work, and after they left because nobody used them.
 * `npm run bench -- unload [--record]`. Linux only.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SetupStatus } from '../src/protocol/setup.ts';
import { bigManifest } from '../test/support/big-model.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { arcfaceSized, inswapperSized, smallSized } from './layouts/convolutions.ts';
import { writeModel } from './layouts/write-model.ts';
import { processesOf } from './load/processes.ts';
import { circumstances, publish } from './load/report.ts';
import { startServer, type StartedServer } from './load/started-server.ts';

const rounds = 3;
const requests = 5;
const idle = '2s';
const limitMs = 60_000;

const models = [
  { name: 'small', side: 112, make: smallSized },
  { name: 'arcface-r50-sized', side: 112, make: arcfaceSized },
  { name: 'inswapper-sized', side: 128, make: inswapperSized },
] as const;

let serial = 0;

async function classify({ url }: StartedServer, model: string): Promise<number> {
  const body = new FormData();
  body.set('file', new Blob([uniqueImage(serial++)]), 'photo.jpg');
  const started = performance.now();
  const answer = await fetch(`${url}/api/v1/classify?model=${model}`, { method: 'POST', body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return performance.now() - started;
}

/** Megabytes of the server and its workers, without its database. */
function memory({ pid }: StartedServer): number {
  const ours = processesOf(pid).filter(({ role }) => role !== 'postgres');
  return ours.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / 1e6;
}

async function left({ url }: StartedServer, model: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const status = (await (await fetch(`${url}/api/v1/setup`)).json()) as SetupStatus;
    if (status.models.find(({ name }) => name === model)?.state === 'present') break;
    if (performance.now() > deadline) throw new Error(`${model} did not leave`);
    await sleep(100);
  }
  await sleep(1_000); // its process ends
}

async function row(server: StartedServer, model: (typeof models)[number]): Promise<string[]> {
  const { name } = model;
  const rows: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    const before = memory(server);
    const first = await classify(server, name);
    const loaded = memory(server);
    for (let each = 0; each < requests; each++) await classify(server, name);
    const busy = memory(server);
    await left(server, name);
    const after = memory(server);
    const cells = [before, loaded, busy, after, first].map((value) => value.toFixed(0));
    rows.push(`| ${name} | ${round} | ${cells.join(' | ')} |`);
  }
  return rows;
}

async function measured(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-unload-'));
  try {
    const sizes: string[] = [];
    for (const { name, side, make } of models) {
      const bytes = make();
      sizes.push(`${name} ${(bytes.length / 1e6).toFixed(0)} MB`);
      const manifest = bigManifest(name, 'file:');
      const input = { ...manifest.input, width: side, height: side };
      await writeModel(folder, { ...manifest, input }, { 'model.onnx': bytes });
    }
    const settings = { FOVEA_WORKERS: '1', FOVEA_MODEL_IDLE: idle, FOVEA_WORKER_MEMORY: '1GiB' };
    const server = await startServer(settings, join(folder, 'models'));
    try {
      const rows: string[] = [];
      // The first answer ever copies the file, and warms the server up.
      for (const { name } of models) await classify(server, name);
      for (const { name } of models) await left(server, name);
      for (const model of models) rows.push(...(await row(server, model)));
      return [`Files: ${sizes.join(', ')}.`, ...rows];
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [files = '', ...rows] = await measured();
publish(
  'unload',
  `# What a model that leaves gives back

\`npm run bench -- unload\`. Resident memory of the server and all its workers in MB, without its database: before a model's first use, after its first answer, after ${requests} more, and when it had left after
${idle} without use (\`FOVEA_MODEL_IDLE\`), which ends its process. Layouts of the real files with meaningless weights, one after the other. *First answer* is loading, warm-up and one run, in ms.
${files}

${circumstances()}

| model | round | before | loaded | at work | left | first answer ms |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`,
);
