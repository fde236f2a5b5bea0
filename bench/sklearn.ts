import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { ModelVersion } from '../src/protocol/model-version.ts';
import { machine, quantile } from './machine.ts';
import { startBenchServer, type BenchServer } from './predict/bench-server.ts';
import type { LoadOrder, LoadReport } from './predict/load-client.ts';
import { ownModel, sampleOf, type Row } from './sklearn/own-model.ts';
import { oracle, type Oracle } from './sklearn/python.ts';

/**
 * Uploaded scikit-learn models against scikit-learn itself: `predict_proba` in one process, then whole
 * requests, Fovea against FastAPI behind uvicorn, in turns; and what a large forest costs to convert.
 */

const { values: flags } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    models: { type: 'string', default: 'logistic,forest-100,hist,columns,text,svc-3,svc-10' },
    parts: { type: 'string', default: 'process,http,large' },
    seconds: { type: 'string', default: '1' },
  },
});
const names = flags.models.split(',');
const parts = new Set(flags.parts.split(','));
const seconds = Number(flags.seconds);
const sizes = [1, 32, 1000];
/** Rows per request, and connections at a time. */
const loads = [
  [1, 1],
  [1, 16],
  [32, 4],
  [1000, 2],
] as const;
const pythonProcesses = 2;
const told: Readonly<Record<string, string>> = {
  logistic: 'StandardScaler, LogisticRegression (30 columns)',
  'forest-100': 'RandomForest, 100 trees (64 columns, 10 classes)',
  hist: 'HistGradientBoosting, 100 rounds (64 columns, 10 classes)',
  columns: 'ColumnTransformer, LogisticRegression (records, 3 of 6 columns words)',
  text: 'TfidfVectorizer, MultinomialNB (texts, 3 classes)',
  'svc-3': 'StandardScaler, SVC with probability (13 columns, 3 classes)',
  'svc-10': 'StandardScaler, SVC with probability (64 columns, 10 classes)',
};

interface Timing {
  readonly p50: number;
  readonly p99: number;
}

function timing(values: readonly number[]): Timing {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}

const us = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0));

/** Microseconds per call, rows as JavaScript has them, after a quarter more time to warm up. */
async function timed(predict: () => Promise<unknown>): Promise<Timing> {
  const found: number[] = [];
  const begin = performance.now() + seconds * 250;
  for (;;) {
    const started = performance.now();
    await predict();
    const now = performance.now();
    if (started > begin) found.push((now - started) * 1000);
    if (now > begin + seconds * 1000 && found.length > 0) return timing(found);
  }
}

async function inProcess({ folder, run }: Oracle): Promise<string[]> {
  const python = JSON.parse(
    await run('in_process.py', folder, String(seconds), sizes.join(','), ...names),
  ) as Record<string, Record<string, number[]>>;
  const lines: string[] = [];
  for (const name of names) {
    const { rows, probabilities } = sampleOf(folder, name);
    const predict = await ownModel(folder, name);
    const apart = difference(await predict(rows), probabilities);
    for (const size of sizes) {
      const some = rows.slice(0, size);
      const own = await timed(() => predict(some));
      const theirs = timing(python[name]?.[size] ?? []);
      const cells = [own.p50, own.p99, theirs.p50, theirs.p99].map(us);
      const ratio = times(theirs.p50 / own.p50);
      const label = size === 1 ? (told[name] ?? name) : '';
      lines.push(
        `| ${label} | ${size} | ${cells.join(' | ')} | ${ratio} | ${size === 1 ? apart.toExponential(0) : ''} |`,
      );
    }
  }
  return [
    '## In one process',
    '',
    'Microseconds of one call, rows of JavaScript or a DataFrame in, probabilities out. One thread on either side; the steps outside of the graph (words of texts, coupling) are counted.',
    '',
    '| model | rows | ours p50 | p99 | scikit-learn p50 | p99 | times faster | largest difference of probabilities |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ];
}

function difference(found: Float64Array, expected: readonly (readonly number[])[]): number {
  const flat = expected.flat();
  if (found.length !== flat.length) throw new Error('There are not as many probabilities.');
  return flat.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? NaN))), 0);
}

async function measure(order: LoadOrder): Promise<LoadReport> {
  const client = fork(new URL('./predict/load-client.ts', import.meta.url), {
    execArgv: [],
    serialization: 'advanced',
  });
  client.send(order);
  const [report] = (await Promise.race([once(client, 'message'), once(client, 'exit')])) as [
    LoadReport | number,
  ];
  client.kill();
  if (typeof report === 'number') throw new Error('The load could not be sent.');
  if (report.failures > 0) throw new Error(`${report.failures} requests to ${order.path} failed`);
  return report;
}

async function uploaded({ port, key }: BenchServer, folder: string, name: string): Promise<string> {
  const form = new FormData();
  form.set('name', name);
  form.set('file', new Blob([readFileSync(join(folder, `${name}.joblib`))]), `${name}.joblib`);
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/models/upload`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: form,
  });
  if (response.status !== 201) throw new Error(`${name}: ${await response.text()}`);
  return ((await response.json()) as ModelVersion).id;
}

/** Milliseconds to make one line of the prediction log durable: a single request waits for it, whatever its model. */
function syncTime(folder: string): number {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, Buffer.alloc(600, 'x'));
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return quantile(times, 0.5);
}

async function overHttp({ folder, serve }: Oracle): Promise<string[]> {
  const place = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  const sync = syncTime(place);
  const fovea = await startBenchServer({ folder: place });
  let uvicorn: ChildProcess | undefined;
  try {
    const started = await serve(pythonProcesses);
    uvicorn = started.child;
    const lines: string[] = [];
    for (const name of names) {
      const { rows } = sampleOf(folder, name);
      const id = await uploaded(fovea, folder, name);
      lines.push(...(await compared(name, rows, id, fovea, started.port)));
    }
    return [
      '## Whole requests',
      '',
      `Milliseconds of a request, and requests per second. Fovea with accounts on, an API key in each request, each prediction computed and logged durably (this disk takes ${sync.toFixed(2)} ms to sync a line), request log on; uvicorn with ${pythonProcesses} processes of one thread (uvloop, httptools), access log on, \`async def\`, labels from the probabilities. Answers hold label, probability of each class, confidence. The client shares the cores.`,
      '',
      '| model | rows | connections | Fovea p50 | p99 | requests/s | FastAPI p50 | p99 | requests/s | times as many |',
      '|---|---|---|---|---|---|---|---|---|---|',
      ...lines,
      '',
    ];
  } finally {
    if (uvicorn?.exitCode === null) {
      const gone = once(uvicorn, 'exit');
      uvicorn.kill('SIGTERM');
      await gone;
    }
    await fovea.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

async function compared(
  name: string,
  rows: readonly Row[],
  id: string,
  fovea: BenchServer,
  port: number,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [size, connections] of loads) {
    const inputs = rows.slice(0, size);
    const arms = [
      {
        port: fovea.port,
        path: `/api/v1/predict/${id}`,
        key: fovea.key,
        body: JSON.stringify({ inputs, cache: false }),
      },
      { port, path: `/${name}`, body: JSON.stringify({ inputs }) },
    ];
    const cells: string[] = [];
    const rates: number[] = [];
    for (const arm of arms) {
      await measure({ ...arm, connections, seconds: size === 1 ? seconds / 2 : seconds / 4 });
      const { latencies, perSecond } = await measure({ ...arm, connections, seconds });
      const { p50, p99 } = timing(latencies);
      cells.push(p50.toFixed(2), p99.toFixed(2), Math.round(perSecond).toLocaleString('en'));
      rates.push(perSecond);
    }
    const ratio = times((rates[0] ?? NaN) / (rates[1] ?? NaN));
    const label = size === 1 && connections === 1 ? (told[name] ?? name) : '';
    lines.push(`| ${label} | ${size} | ${connections} | ${cells.join(' | ')} | ${ratio} |`);
  }
  return lines;
}

/** In the importer's own process, with its limits as they are by default. */
async function largeForest({ folder }: Oracle): Promise<string[]> {
  const place = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  try {
    const entry = new URL('../src/cli/main.ts', import.meta.url).pathname;
    const args = [entry, 'convert', join(folder, 'large.joblib'), '--json'];
    args.push('-o', join(place, 'large.onnx'));
    const started = performance.now();
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
    const whole = performance.now() - started;
    const found = JSON.parse(stdout) as Record<
      'onnx_bytes' | 'convert_ms' | 'load_ms' | 'peak_bytes',
      number
    >;
    const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
    const source = readFileSync(join(folder, 'large.joblib')).length;
    return [
      '## A large forest',
      '',
      `100 trees, 2.5 million nodes, ${megabytes(source)} of joblib, with \`fovea convert\` and its default limits: ${(found.convert_ms / 1000).toFixed(1)} s to read and convert to ${megabytes(found.onnx_bytes)} of ONNX, ${(found.load_ms / 1000).toFixed(1)} s to open it in onnxruntime, ${(whole / 1000).toFixed(1)} s in all; at most ${megabytes(found.peak_bytes)} of memory in the process, file, graph and open session together.`,
      '',
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const busy = loadavg()[0] ?? 0;
const python = await oracle();
const text = [
  '# Uploaded scikit-learn models against scikit-learn',
  '',
  `${machine()}. ${python.versions}. ${seconds} s per measurement. Load of the machine before: ${busy.toFixed(1)}.`,
  '',
  ...(parts.has('process') ? await inProcess(python) : []),
  ...(parts.has('http') ? await overHttp(python) : []),
  ...(parts.has('large') ? await largeForest(python) : []),
].join('\n');
process.stdout.write(text);
if (flags.record) {
  const results = join(import.meta.dirname, 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'sklearn.md'), text);
}
