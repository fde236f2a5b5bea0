/**
 * Embeddings of images and zero-shot labels per second, by a whole server over HTTP and by a bare loop over the same model
 * in this process: `npm run bench -- clip [--record]`. ViT-B/32's layout with meaningless weights. Both take turns.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '../src/protocol/model-manifest.ts';
import { packNamed } from '../src/models/packs/index.ts';
import { decode } from '../src/vision/decode.ts';
import { embedPicture } from '../src/worker/image-embedding.ts';
import { Session } from '../src/worker/session.ts';
import { StageClock } from '../src/worker/stage-clock.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { imageHalf, textHalf } from './layouts/vit-b-32.ts';
import { writeModel } from './layouts/write-model.ts';
import { circumstances, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';
import { quantile } from './machine.ts';

const warmups = 3;
const runs = 30;
const atOnce = 4;
const labels = Array.from({ length: 20 }, (_, at) => `thing number ${at}`);
const limits = { maxPixels: 40e6, formats: ['jpeg'] } as const;

let serial = 0;

function manifestOf(): ModelManifest {
  const [published] = packNamed('clip-vit-b-32').models;
  if (!published) throw new Error('There is no such pack.');
  return { ...published, name: 'bench-clip', pack: 'bench-clip' };
}

type Way = () => Promise<unknown>;

async function sent(url: string, path: string, fields: Record<string, string> = {}): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set('file', new Blob([uniqueImage(serial++)]), 'photo.jpg');
  const answer = await fetch(url + path, { method: 'POST', body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}

async function timed(work: Way): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Every way's milliseconds, in turns; and pictures per second when several are sent at once. */
async function measured(ways: Readonly<Record<string, Way>>): Promise<string[]> {
  const samples = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let run = 0; run < warmups + runs; run++)
    for (const [name, way] of Object.entries(ways)) {
      const ms = await timed(way);
      if (run >= warmups) samples.get(name)?.push(ms);
    }
  const rows: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    const times = samples.get(name) ?? [];
    const middle = quantile(times, 0.5);
    const crowd = async (): Promise<void> => {
      for (let each = 0; each < runs / 2; each++) await way();
    };
    const all = name.startsWith('bare')
      ? undefined
      : await timed(async () => Promise.all(Array.from({ length: atOnce }, crowd)));
    const together = all === undefined ? '' : ((1000 * atOnce * (runs / 2)) / all).toFixed(1);
    const cells = [middle, quantile(times, 0.95), 1000 / middle].map((each) => each.toFixed(1));
    rows.push(`| ${name} | ${cells.join(' | ')} | ${together} |`);
  }
  return rows;
}

async function compared(folder: string): Promise<string[]> {
  const manifest = manifestOf();
  const tokenizer = new URL('../test/fixtures/embeddings/tokenizer.json', import.meta.url);
  await writeModel(folder, manifest, {
    'image.onnx': imageHalf(),
    'text.onnx': textHalf(),
    'tokenizer.json': await readFile(tokenizer),
  });
  const server = await startServer(
    { FOVEA_CLIP_PACK: 'bench-clip', FOVEA_WORKERS: '1', FOVEA_MODEL_IDLE: '1h' },
    join(folder, 'models'),
  );
  try {
    const file = join(folder, 'originals', manifest.name, 'image.onnx');
    const spec = { manifest, directory: folder, digest: 'd' };
    const hosted = { spec, session: await Session.open(file) };
    const { name } = manifest.input;
    const blank = { [name]: { dims: [1, 3, 224, 224], data: new Float32Array(3 * 224 * 224) } };
    return await measured({
      'server, embed/image': async () => sent(server.url, '/api/v1/embed/image'),
      'server, zero-shot of 20 known labels': async () =>
        sent(server.url, '/api/v1/zero-shot', { labels: labels.join(',') }),
      'bare loop: decode, crop, run': async () =>
        embedPicture(await decode(uniqueImage(serial++), limits), hosted, new StageClock()),
      'bare session.run': async () => hosted.session.run(blank),
    });
  } finally {
    await server.stop();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-clip-'));
try {
  const rows = await compared(folder);
  publish(
    'clip',
    `# Images and texts in one space

\`npm run bench -- clip\`. ViT-B/32 in the layout of Hugging Face's exporter with meaningless weights, one worker, one thread; photos/rocket.jpg (640 x 427), another file each time. Milliseconds of ${runs}
requests, one after the other, in turns with the others after ${warmups} warm-ups; then ${atOnce} senders at once.

${circumstances()}

| | p50 ms | p95 ms | per second | per second, ${atOnce} at once |
|---|---|---|---|---|
${rows.join('\n')}
`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
