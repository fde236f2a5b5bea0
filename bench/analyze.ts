import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniqueImage } from './analyze/unique-images.ts';
import { Arms } from './load/arms.ts';
import { bareLoops } from './load/bare-loops.ts';
import { asked, call } from './load/http-client.ts';
import { circumstances, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';
import { quantile } from './machine.ts';

/** Analyses per second through HTTP against the bare loop, in one run, arm by arm in turn. */

const seconds = 5;
const rounds = 3;
const clients = [1, 4, 16];
/** More than a worker keeps decoded (64 MB), so that an image is decoded anew each time. */
const keptImages = 240;

const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-models-'));
const server = await startServer({}, folder);
const api = `${server.url}/api/v1`;
const arms = new Arms(seconds);
const delays = new Map<string, number[]>();
let serial = 0;

async function good(url: string, type: string, body: Buffer | string): Promise<void> {
  const { status, text } = await call(url, { type, body });
  if (status !== 200) throw new Error(text);
}

/** Another file each time: sent, analysed, and kept on disk and in the database. */
async function upload(): Promise<void> {
  serial += 1;
  await good(`${api}/analyze/image?only=faces`, 'image/jpeg', uniqueImage(serial));
}

/** Images that were kept, in turn, and nothing of them cached. */
async function byId(): Promise<() => Promise<void>> {
  const ids: string[] = [];
  for (let image = 0; image < keptImages; image += 1) {
    serial += 1;
    const sent = { type: 'image/jpeg', body: uniqueImage(serial) };
    ids.push((await asked<{ image_id: string }>(`${api}/validate/image`, sent)).image_id);
  }
  let next = 0;
  return async () => {
    next = (next + 1) % ids.length;
    const body = { image_id: ids[next], only: 'faces', wipe_cache: true };
    await good(`${api}/analyze/by-id`, 'application/json', JSON.stringify(body));
  };
}

/** p99 of the main process's event-loop delay since the last call, in milliseconds. */
async function loopDelay(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/fovea_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)/.exec(text)?.[1]) * 1000;
}

let ways: Readonly<Record<string, () => Promise<void>>> = {};
try {
  ways = { 'by id': await byId(), 'upload and keep': upload };
  for (const work of Object.values(ways)) await arms.warm(4, work);
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of [1, 2])
      arms.add(`bare loop, ${processes}`, await bareLoops('faces', folder, seconds, processes));
    for (const [way, work] of Object.entries(ways)) {
      for (const count of clients) {
        const name = `${way}, ${count}`;
        await loopDelay();
        await arms.run(name, count, work);
        delays.set(name, [...(delays.get(name) ?? []), await loopDelay()]);
      }
    }
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
const measured = Object.keys(ways).flatMap((way) =>
  clients.map((count) => {
    const name = `${way}, ${count}`;
    const delay = quantile(delays.get(name) ?? [], 0.5).toFixed(1);
    return `${arms.row(name, `bare loop, ${count === 1 ? 1 : 2}`)} ${delay} |`;
  }),
);
const rows = [
  ...[1, 2].map((processes) => `${arms.row(`bare loop, ${processes}`)} – |`),
  ...measured,
];
publish(
  'analyze',
  `# Analyse: through HTTP against the bare loop

\`npm run bench -- analyze\`. photos/rocket.jpg (640 x 427) as ever another file, faces only, nothing cached. The number is that of clients, or of bare loops: decode + BlazeFace 256 + its
decoding in a process of its own, without server, disk or database. One client is compared with one loop, several with two. *By id* analyses images that were kept before;
*upload and keep* sends each image and has it flushed to disk and into the database before the answer. Medians of ${rounds} rounds of ${seconds} s, arms in turn; client, server,
workers and database share the cores. Processor time per image is that of workers, of the server around them (main process and PostgreSQL) and of the measuring client.

${circumstances()}

| | images/s | p50 / p95 / p99 ms | of the bare loop | workers / server / client ms | event-loop delay p99 ms |
|---|---|---|---|---|---|
${rows.join('\n')}
`,
);
