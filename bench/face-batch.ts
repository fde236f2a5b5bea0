/**
 * What a batch saves per face, and what a face costs: `node bench/face-batch.ts [--record]`.
 * Every face model of the catalog as a worker runs it (one thread), on crops of photos/astronaut.png; the batch
 * sizes take turns, so that a change of the machine's load meets all. Then the stages of whole enrichments. All
 * in processor time, so that waiting for a busy machine does not count.
 * Prints Markdown tables.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalog } from '../src/models/catalog/index.ts';
import type { Face } from '../src/protocol/face.ts';
import { decode } from '../src/vision/decode.ts';
import { resize } from '../src/vision/letterbox.ts';
import { imagesToTensor } from '../src/vision/to-tensor.ts';
import { detectFaces } from '../src/worker/face-detection.ts';
import { enrichFaces, type FaceModels } from '../src/worker/face-enrichment.ts';
import type { HostedModel } from '../src/worker/hosted-model.ts';
import { StageClock } from '../src/worker/stage-clock.ts';
import { hostModel } from '../test/support/catalog-models.ts';
import { machine, quantile } from './machine.ts';

const sizes = [1, 2, 4, 8] as const;
const warmups = 5;
const runs = 40;
/** Low, since what else runs on the machine only adds: it empties the caches. */
const share = 0.1;

const limits = { maxPixels: 40e6, formats: ['png'] } as const;
const file = join(import.meta.dirname, '../photos/astronaut.png');
const pixels = await decode(await readFile(file), limits);

/** Adds up processor time of the whole process per stage. */
class ProcessorClock extends StageClock {
  readonly milliseconds = { decode: 0, preprocess: 0, inference: 0, postprocess: 0 };

  override async time<T>(
    stage: keyof ProcessorClock['milliseconds'],
    work: () => T | Promise<T>,
  ): Promise<T> {
    const before = process.cpuUsage();
    try {
      return await super.time(stage, work);
    } finally {
      const { user, system } = process.cpuUsage(before);
      this.milliseconds[stage] += (user + system) / 1000;
    }
  }
}

/** Milliseconds per picture at each batch size. */
async function perPicture({ spec, session }: HostedModel): Promise<number[]> {
  const { input } = spec.manifest;
  const picture = await resize(pixels, input.width, input.height);
  const samples = sizes.map((): number[] => []);
  const feeds = sizes.map((size) => ({
    [input.name]: imagesToTensor(
      Array.from({ length: size }, () => picture),
      input,
    ),
  }));
  for (let run = 0; run < warmups + runs; run += 1) {
    for (const [index, feed] of feeds.entries()) {
      const clock = new ProcessorClock();
      await clock.time('inference', () => session.run(feed));
      if (run >= warmups) samples[index]?.push(clock.milliseconds.inference / (sizes[index] ?? 1));
    }
  }
  return samples.map((values) => quantile(values, share));
}

/** Milliseconds per face and stage. */
async function stagesOf(faces: readonly Face[], models: FaceModels): Promise<number[]> {
  const spent: number[][] = [[], [], []];
  for (let run = 0; run < warmups + runs; run += 1) {
    const clock = new ProcessorClock();
    await enrichFaces(pixels, faces, models, clock);
    if (run < warmups) continue;
    const { preprocess, inference, postprocess } = clock.milliseconds;
    for (const [index, ms] of [preprocess, inference, postprocess].entries()) {
      spent[index]?.push(ms / faces.length);
    }
  }
  return spent.map((values) => quantile(values, share));
}

async function batchTable(models: readonly HostedModel[]): Promise<string[]> {
  const rows = [];
  for (const model of models) {
    const [one = 0, ...more] = await perPicture(model);
    const cells = more.map((ms) => `${ms.toFixed(2)} (${((100 * ms) / one).toFixed(0)} %)`);
    rows.push(`| ${model.spec.manifest.name} | ${one.toFixed(2)} | ${cells.join(' | ')} |`);
  }
  return ['| model | 1 | 2 | 4 | 8 |', '|---|---|---|---|---|', ...rows];
}

async function stageTable(faces: readonly Face[], models: FaceModels): Promise<string[]> {
  const { attributes, emotion, liveness, mesh, iris } = models;
  const choices: readonly (readonly [string, FaceModels])[] = [
    ['age, gender, embedding', { attributes, age: true, gender: true, embedding: true }],
    ['emotion', { emotion }],
    ['liveness', { liveness }],
    ['mesh', { mesh, returnMesh: true }],
    ['mesh, iris', { mesh, returnMesh: true, iris }],
    ['everything', models],
  ];
  const rows = [];
  for (const [name, chosen] of choices) {
    for (const count of [1, 8]) {
      const crowd = Array.from({ length: count }, () => faces[0]).filter((face) => face);
      const cells = await stagesOf(crowd as Face[], chosen);
      rows.push(`| ${name} | ${count} | ${cells.map((ms) => ms.toFixed(2)).join(' | ')} |`);
    }
  }
  return [
    '| wanted | faces | preprocess | inference | postprocess |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

async function report(): Promise<string> {
  const hosted = await Promise.all(catalog.map(hostModel));
  const forTask = (task: string) => hosted.find(({ spec }) => spec.manifest.task === task);
  const detector = forTask('face-detection');
  if (!detector) throw new Error('The catalog has no face detector.');
  const faces = await detectFaces(pixels, detector, new StageClock());
  const models: FaceModels = {
    attributes: forTask('face-attributes'),
    age: true,
    gender: true,
    embedding: true,
    emotion: forTask('face-emotion'),
    liveness: forTask('face-liveness'),
    mesh: forTask('face-mesh'),
    returnMesh: true,
    iris: forTask('face-iris'),
  };
  const { attributes, emotion, liveness, mesh, iris } = models;
  const faceModels = [attributes, emotion, mesh, iris, liveness].filter((model) => model);
  return [
    '# Faces in batches',
    '',
    `${machine()}; onnxruntime 1.30, 1 thread. Processor time, tenth percentiles of ${runs} runs, in turns, after ${warmups} warm-ups.`,
    '',
    'Milliseconds per picture by batch size, and in percent of one at a time:',
    '',
    ...(await batchTable(faceModels as HostedModel[])),
    '',
    'Milliseconds per face and stage of an enrichment; the face is 105 pixels wide:',
    '',
    ...(await stageTable(faces, models)),
    '',
  ].join('\n');
}

const text = await report();
process.stdout.write(text);
if (process.argv.includes('--record')) {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'face-batch.md'), text);
}
