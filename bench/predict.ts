import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { ModelVersion } from '../src/protocol/model-version.ts';
import type { Prediction } from '../src/protocol/prediction.ts';
import { heavyModel, linearClassifier } from '../test/support/tabular-models.ts';
import { machine, quantile } from './machine.ts';
import type { LoadOrder, LoadReport } from './predict/load-client.ts';

/**
 * Single-row predictions through HTTP, each logged, against what bounds them: the web framework
 * echoing JSON, and the runtime alone. Arm by arm in turns, in one run; the median of the rounds.
 */

const seconds = 3;
const rounds = 3;
const concurrencies = [1, 16, 64];
const row = [5.1, 3.5, 1.4, 0.2];
const body = (more: object): string => JSON.stringify({ inputs: [row], ...more });
const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
const children: ChildProcess[] = [];

async function startServer(): Promise<number> {
  const child = fork(new URL('../src/cli/main.ts', import.meta.url), ['serve'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FOVEA_DATA_DIR: folder,
      FOVEA_MODELS_DIR: join(folder, '.models'),
    },
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    execArgv: [],
  });
  children.push(child);
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /http:\/\/[^:\s]+:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`The server ended: ${text}`)));
  });
  await ready(port);
  return port;
}

async function ready(port: number): Promise<void> {
  for (let i = 0; i < 1200; i += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    const state = (await answer?.json()) as { ready: boolean; degraded: string[] } | undefined;
    if (state?.ready && state.degraded.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The server is not ready.');
}

async function upload(port: number, name: string, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const form = new FormData();
  form.set('name', name);
  form.set('file', new Blob([bytes]), `${name}.onnx`);
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/models/upload`, {
    method: 'POST',
    body: form,
  });
  if (response.status !== 201) throw new Error(await response.text());
  return ((await response.json()) as ModelVersion).id;
}

async function measure(order: Omit<LoadOrder, 'seconds'>): Promise<LoadReport> {
  const client = fork(new URL('./predict/load-client.ts', import.meta.url), {
    execArgv: [],
    serialization: 'advanced',
  });
  client.send({ ...order, seconds });
  const [report] = (await Promise.race([once(client, 'message'), once(client, 'exit')])) as [
    LoadReport | number,
  ];
  client.kill();
  if (typeof report === 'number') throw new Error('The load could not be sent.');
  if (report.failures > 0) throw new Error(`${report.failures} requests failed`);
  return report;
}

/** Microseconds of one run of one row, nothing else around it. */
async function runAlone(): Promise<{ p50: number; p99: number }> {
  const session = await ort.InferenceSession.create(linearClassifier(), { intraOpNumThreads: 1 });
  const input = { X: new ort.Tensor('float32', row, [1, 4]) };
  const times: number[] = [];
  for (let i = 0; i < 30_000; i += 1) {
    const started = performance.now();
    await session.run(input);
    if (i >= 10_000) times.push((performance.now() - started) * 1000);
  }
  await session.release();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** The first prediction with a model of 1 MB that is not in memory, in milliseconds; the median of some. */
async function firstPrediction(port: number): Promise<{ first: number; cached: number }> {
  const id = await upload(port, 'megabyte', heavyModel(1e6));
  const first: number[] = [];
  const cached: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    await fetch(`http://127.0.0.1:${port}/api/v1/models/${id}/unload`, { method: 'POST' });
    for (const times of [first, cached]) {
      const started = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/predict/${id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: [[i, 1, 2, 3]] }),
      });
      const answer = (await response.json()) as Prediction;
      times.push(performance.now() - started);
      if (answer.cached !== (times === cached)) throw new Error('not what was to be measured');
    }
  }
  return { first: quantile(first, 0.5), cached: quantile(cached, 0.5) };
}

type Arms = Readonly<Record<string, Pick<LoadOrder, 'port' | 'path' | 'body'>>>;

async function compare(arms: Arms): Promise<string[]> {
  const lines: string[] = [];
  for (const connections of concurrencies) {
    const reports = new Map<string, LoadReport[]>(Object.keys(arms).map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const [name, arm] of Object.entries(arms))
        reports.get(name)?.push(await measure({ ...arm, connections }));
    let echo = Number.NaN;
    for (const [name, all] of reports) {
      const middle = all.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds / 2)];
      if (!middle) continue;
      if (Number.isNaN(echo)) echo = middle.perSecond;
      const share = `${Math.round((middle.perSecond / echo) * 100)} %`;
      const [p50, p99] = [0.5, 0.99].map((q) => quantile(middle.latencies, q).toFixed(2));
      lines.push(
        `| ${connections} | ${name} | ${Math.round(middle.perSecond)} | ${share} | ${p50} | ${p99} |`,
      );
    }
  }
  return lines;
}

async function main(): Promise<string> {
  const busy = loadavg()[0] ?? 0;
  const alone = await runAlone();
  const echo = fork(new URL('./predict/bare-echo.ts', import.meta.url), { execArgv: [] });
  children.push(echo);
  const [echoPort] = (await once(echo, 'message')) as [number];
  const port = await startServer();
  const path = `/api/v1/predict/${await upload(port, 'iris', linearClassifier())}`;
  const arms = {
    'Fastify echoing the body': { port: echoPort, path: '/', body: body({}) },
    'predict, computed every time': { port, path, body: body({ cache: false }) },
    'predict, from the cache': { port, path, body: body({}) },
  };
  await measure({ ...arms['predict, computed every time'], connections: 16 }); // warm-up
  const lines = await compare(arms);
  const { first, cached } = await firstPrediction(port);
  return [
    '# Predictions through HTTP',
    '',
    `${machine()}. A linear classifier, 4 features, 3 classes, one row per request; every prediction`,
    `logged durably, request log on, open access. ${seconds} s per measurement, the median of ${rounds} rounds taken in turns; the client shares the cores. Load of the machine before: ${busy.toFixed(1)}.`,
    '',
    '| connections | what | requests/s | of the echo | p50 ms | p99 ms |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    `The runtime alone, one row per run: p50 ${alone.p50.toFixed(1)} µs, p99 ${alone.p99.toFixed(1)} µs.`,
    '',
    `A model of 1 MB that is not in memory: first prediction ${first.toFixed(1)} ms, the same again from the cache ${cached.toFixed(1)} ms (medians of 9).`,
    '',
  ].join('\n');
}

try {
  const text = await main();
  process.stdout.write(text);
  if (process.argv.includes('--record')) {
    const results = join(import.meta.dirname, 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'predict.md'), text);
  }
} finally {
  for (const child of children) child.kill();
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => once(child, 'exit')));
  rmSync(folder, { recursive: true, force: true });
}
