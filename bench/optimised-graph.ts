/**
 * Whether keeping the graph as the runtime has optimised it saves loading time: `npm run bench -- optimised-graph [--record]`.
 * Layouts of real files with meaningless weights. The server does not do it; this says what it would be worth.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { arcfaceSized, smallSized } from './layouts/convolutions.ts';
import { imageHalf } from './layouts/vit-b-32.ts';
import { circumstances, publish } from './load/report.ts';
import { quantile } from './machine.ts';

const rounds = 5;
const models = { small: smallSized, 'arcface-r50-sized': arcfaceSized, 'vit-b-32': imageHalf };
type Level = NonNullable<InferenceSession.SessionOptions['graphOptimizationLevel']>;

const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
} as const;

/** Seconds and processor seconds of opening a file. */
async function opened(file: string, level: Level): Promise<{ ms: number; cpu: number }> {
  const before = process.cpuUsage();
  const started = performance.now();
  const session = await InferenceSession.create(file, {
    ...options,
    graphOptimizationLevel: level,
  });
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  await session.release();
  return { ms, cpu: (user + system) / 1000 };
}

async function rowsOf(folder: string, name: string, bytes: Uint8Array): Promise<string[]> {
  const plain = join(folder, `${name}.onnx`);
  const onnx = join(folder, `${name}.optimised.onnx`);
  const ort = join(folder, `${name}.ort`);
  await writeFile(plain, bytes);
  const keep = { ...options, graphOptimizationLevel: 'all' } as const;
  await (await InferenceSession.create(plain, { ...keep, optimizedModelFilePath: onnx })).release();
  const asOrt = { optimizedModelFilePath: ort, extra: { session: { save_model_format: 'ORT' } } };
  await (await InferenceSession.create(plain, { ...keep, ...asOrt })).release();
  const ways = [
    ['as it is', plain, 'all'],
    ['optimised, ONNX', onnx, 'disabled'],
    ['optimised, ORT', ort, 'disabled'],
  ] as const;
  const samples = ways.map((): { ms: number; cpu: number }[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, [, file, level]] of ways.entries())
      samples[at]?.push(await opened(file, level));
  const rows: string[] = [];
  for (const [at, [way, file]] of ways.entries()) {
    const of = (key: 'ms' | 'cpu'): string =>
      quantile(samples[at]?.map((each) => each[key]) ?? [], 0.5).toFixed(0);
    const megabytes = ((await stat(file)).size / 1e6).toFixed(0);
    rows.push(`| ${name} | ${way} | ${megabytes} | ${of('ms')} | ${of('cpu')} |`);
  }
  return rows;
}

const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-optimised-'));
try {
  const rows: string[] = [];
  for (const [name, make] of Object.entries(models))
    rows.push(...(await rowsOf(folder, name, make())));
  publish(
    'optimised-graph',
    `# Keeping the optimised graph

\`npm run bench -- optimised-graph\`. Opening a session on the file as it is published, and on a copy that the runtime wrote after its optimisations (\`optimizedModelFilePath\`), opened without doing them again.
Medians of ${rounds}, in turns; the system's file cache is warm. The server keeps no such copies.

${circumstances()}

| model | file | MB | ms | processor ms |
|---|---|---|---|---|
${rows.join('\n')}
`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
