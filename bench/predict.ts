import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import type { Prediction } from '../src/protocol/prediction.ts';
import { heavyModel, linearClassifier } from '../test/support/tabular-models.ts';
import { machine, quantile } from './machine.ts';
import { startBenchServer, upload, type BenchServer } from './predict/bench-server.ts';
import type { LoadOrder, LoadReport } from './predict/load-client.ts';
import { perRequest, processorTime } from './predict/processor-time.ts';
import { whatBoundsIt } from './predict/what-bounds-it.ts';

/**
 * Single-row predictions through HTTP, each logged, against what bounds them: the web framework
 * echoing JSON, and the runtime alone. Arm by arm in turns, in one run; the median of the rounds.
 */

const { values: flags } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1,16,64' },
    profiles: { type: 'string' },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds);
const concurrencies = flags.connections.split(',').map(Number);
/** Folder for CPU profiles of the server. */
const { profiles } = flags;
/** Of the arms that are compared: code is compiled for what it has seen, and a small program has soon seen all. */
const warmUpSeconds = 5;
/** A line of the prediction journal for one such row. */
const recordBytes = 497;
const row = [5.1, 3.5, 1.4, 0.2];
const body = (more: object): string => JSON.stringify({ inputs: [row], ...more });
const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
const children: ChildProcess[] = [];
const stops: (() => Promise<void>)[] = [];

type Measured = LoadReport & { readonly processors: ReturnType<typeof perRequest> };

async function measure(order: Omit<LoadOrder, 'seconds'>, time = seconds): Promise<Measured> {
  const client = fork(new URL('./predict/load-client.ts', import.meta.url), {
    execArgv: [],
    serialization: 'advanced',
  });
  const before = processorTime();
  client.send({ ...order, seconds: time });
  const [report] = (await Promise.race([once(client, 'message'), once(client, 'exit')])) as [
    LoadReport | number,
  ];
  const after = processorTime();
  client.kill();
  if (typeof report === 'number') throw new Error('The load could not be sent.');
  if (report.failures > 0) throw new Error(`${report.failures} requests failed`);
  return { ...report, processors: perRequest(before, after, report.latencies.length) };
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
async function firstPrediction(server: BenchServer): Promise<{ first: number; cached: number }> {
  const id = await upload(server, 'megabyte', heavyModel(1e6));
  const api = `http://127.0.0.1:${server.port}/api/v1`;
  const headers = { 'x-api-key': server.key };
  const first: number[] = [];
  const cached: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    await fetch(`${api}/models/${id}/unload`, { method: 'POST', headers });
    for (const times of [first, cached]) {
      const started = performance.now();
      const response = await fetch(`${api}/predict/${id}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: [[i, 1, 2, 3]] }),
      });
      const answer = (await response.json()) as Prediction;
      times.push(performance.now() - started);
      if (answer.cached !== (times === cached)) throw new Error('not what was to be measured');
    }
  }
  return { first: quantile(first, 0.5), cached: quantile(cached, 0.5) };
}

type Arms = Readonly<Record<string, Pick<LoadOrder, 'port' | 'path' | 'body' | 'key'>>>;

async function compare(arms: Arms): Promise<string[]> {
  const lines: string[] = [];
  for (const connections of concurrencies) {
    const reports = new Map<string, Measured[]>(Object.keys(arms).map((name) => [name, []]));
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
      const spent = middle.processors.map(([who, microseconds]) => `${who} ${microseconds}`);
      lines.push(
        `| ${connections} | ${name} | ${Math.round(middle.perSecond)} | ${share} | ${p50} | ${p99} | ${spent.join('; ')} |`,
      );
    }
  }
  return lines;
}

async function main(): Promise<string> {
  const busy = loadavg()[0] ?? 0;
  const alone = await runAlone();
  const arguments_ = [join(folder, 'echo'), String(recordBytes)];
  const echo = fork(new URL('./predict/bare-echo.ts', import.meta.url), arguments_, {
    execArgv: [],
  });
  children.push(echo);
  const [echoPort] = (await once(echo, 'message')) as [number];
  const server = await startBenchServer({ folder, profiles });
  stops.push(server.stop);
  const { port, key } = server;
  const path = `/api/v1/predict/${await upload(server, 'iris', linearClassifier())}`;
  const arms = {
    'Fastify echoing the body': { port: echoPort, path: '/', body: body({}) },
    'the same, with as many bytes as a record synced': {
      port: echoPort,
      path: '/durable',
      body: body({}),
    },
    'predict, computed every time': { port, path, key, body: body({ cache: false }) },
    'predict, from the cache': { port, path, key, body: body({}) },
  };
  for (const arm of Object.values(arms)) await measure({ ...arm, connections: 16 }, warmUpSeconds);
  const lines = await compare(arms);
  const { first, cached } = await firstPrediction(server);
  return [
    '# Predictions through HTTP',
    '',
    `${machine()}. A linear classifier, 4 features, 3 classes, one row per request; every prediction`,
    `on the disk before its answer, request log on, accounts required, an API key in every request. ${seconds} s per measurement, the median of ${rounds} rounds taken in turns; the client shares the cores, and each arm was warmed up for ${warmUpSeconds} s. Load of the machine before: ${busy.toFixed(1)}.`,
    '',
    '| connections | what | requests/s | of the echo | p50 ms | p99 ms | processor time per request, µs |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
    `The runtime alone, one row per run: p50 ${alone.p50.toFixed(1)} µs, p99 ${alone.p99.toFixed(1)} µs.`,
    '',
    `A model of 1 MB that is not in memory: first prediction ${first.toFixed(1)} ms, the same again from the cache ${cached.toFixed(1)} ms (medians of 9).`,
    '',
    whatBoundsIt,
  ].join('\n');
}

try {
  const text = await main();
  process.stdout.write(text);
  if (flags.record) {
    const results = join(import.meta.dirname, 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'predict.md'), text);
  }
} finally {
  await Promise.all(stops.map((stop) => stop()));
  for (const child of children) child.kill();
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => once(child, 'exit')));
  rmSync(folder, { recursive: true, force: true });
}
