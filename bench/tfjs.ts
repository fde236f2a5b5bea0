/**
 * How much faster an imported model runs than its original: `node bench/tfjs.ts [--record]`.
 * TensorFlow.js on its WASM back end against onnxruntime on the importer's output, both on one thread, in
 * one process, turn by turn, so that a change of the machine's load meets both. Prints a Markdown table.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { importTfjs } from '../src/import/tfjs/import-tfjs.ts';
import { humanModels, photoFor, readHumanModel } from '../test/import/tfjs/human-models.ts';
import type { HumanModel } from '../test/import/tfjs/human-models.ts';
import { feedsOf, openImported } from '../test/import/tfjs/imported.ts';
import { loadOriginal, useBackend } from '../test/import/tfjs/oracle.ts';

const timed = [
  'centernet',
  'faceres',
  'emotion',
  'facemesh',
  'iris',
  'liveness',
  'antispoof',
  'movenet-lightning',
];
const warmups = 5;
const runs = 40;

interface Timing {
  readonly median: number;
  readonly p95: number;
}

interface Row {
  readonly name: string;
  readonly original: Timing;
  readonly imported: Timing;
}

function summary(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

async function measure(model: HumanModel): Promise<Row> {
  const { json, weights } = await readHumanModel(model.name);
  const { onnx, report } = importTfjs({ modelJson: json, shards: [weights] });
  const [input] = report.inputs;
  if (!input) throw new Error(`${model.name} has no input.`);
  const photo = await photoFor(model, input, 'astronaut.png');
  const outputs = report.outputs.map((output) => output.name);
  const original = await loadOriginal(JSON.parse(json.toString('utf8')), weights);
  const session = await openImported(onnx);
  const tensor = tf.tensor(photo.data, [...photo.shape], photo.dtype);
  const feeds = feedsOf({ [input.name]: photo });
  const [a, b]: [number[], number[]] = [[], []];
  for (let i = 0; i < warmups + runs; i += 1) {
    const start = performance.now();
    const result = original.execute({ [input.name]: tensor }, outputs);
    const tensors = Array.isArray(result) ? result : [result];
    for (const output of tensors) output.dataSync();
    const middle = performance.now();
    await session.run(feeds);
    const end = performance.now();
    tf.dispose(tensors);
    if (i < warmups) continue;
    a.push(middle - start);
    b.push(end - middle);
  }
  tensor.dispose();
  original.dispose();
  await session.release();
  return { name: model.name, original: summary(a), imported: summary(b) };
}

async function table(): Promise<string> {
  await useBackend('wasm');
  const rows: string[] = [];
  for (const model of humanModels.filter(({ name }) => timed.includes(name))) {
    const { name, original, imported } = await measure(model);
    const cells = [original.median, original.p95, imported.median, imported.p95].map((ms) =>
      ms.toFixed(2),
    );
    rows.push(
      `| ${name} | ${cells.join(' | ')} | ${(original.median / imported.median).toFixed(1)} |`,
    );
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threads = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  const wasm = `SIMD ${simd ? 'yes' : 'no'}, threads ${threads ? getThreadsCount() : 'not available in Node'}`;
  const [cpu] = cpus();
  return [
    '# Imported models against TensorFlow.js',
    '',
    `${cpu?.model ?? 'CPU'}, ${cpus().length} cores, Node ${process.versions.node}. tfjs-wasm 4.22 (${wasm});`,
    `onnxruntime 1.30, 1 thread. Milliseconds per run on one photo, ${runs} runs each, in turns, after ${warmups} warm-ups.`,
    '',
    '| model | tfjs median | tfjs p95 | imported median | imported p95 | times faster |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const text = await table();
process.stdout.write(text);
if (process.argv.includes('--record')) {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tfjs.md'), text);
}
