import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniqueImage } from './analyze/unique-images.ts';
import { machine, quantile } from './machine.ts';

/** Analyses per second through HTTP against the bare loop, in one run, arm by arm in turn. */

const seconds = 5;
const rounds = 3;
const concurrencies = [1, 4, 16];
const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
const models = join(folder, 'models');

interface Arm {
  readonly perSecond: number;
  readonly latencies: readonly number[];
}

/** `processes` bare loops at once: one is what one caller gets, one per core is the ceiling. */
async function bareLoop(processes: number): Promise<Arm> {
  const loops = Array.from({ length: processes }, () =>
    fork(new URL('./analyze/bare-loop.ts', import.meta.url), [models, String(seconds)]),
  );
  await Promise.all(loops.map((loop) => new Promise((resolve) => loop.once('message', resolve))));
  const measured = loops.map(
    (loop) =>
      new Promise<number[]>((resolve) =>
        loop.once('message', (latencies) => resolve(latencies as number[])),
      ),
  );
  for (const loop of loops) loop.send('go');
  const latencies = (await Promise.all(measured)).flat();
  return { perSecond: latencies.length / seconds, latencies };
}

let serial = 0;

/** One request of a client; `Agent` keeps its connection. */
type Send = (agent: Agent) => Promise<unknown>;

async function throughHttp(concurrency: number, send: Send): Promise<Arm> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await send(agent);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  agent.destroy();
  return { perSecond: latencies.length / seconds, latencies };
}

async function post(
  url: string,
  type: string,
  body: Buffer | string,
  agent: Agent,
): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(text)),
      );
    });
    sent.once('error', reject).end(body);
  });
}

/** Another file each time: sent, analysed, and kept on disk and in the database. */
function uploads(url: string): Send {
  return (agent) =>
    post(`${url}/api/v1/analyze/image?only=faces`, 'image/jpeg', uniqueImage((serial += 1)), agent);
}

/** Images that were kept, in turn: more than a worker keeps decoded, and nothing of them cached. */
async function byId(url: string): Promise<Send> {
  const agent = new Agent({ keepAlive: true });
  const ids: string[] = [];
  for (let image = 0; image < 240; image += 1) {
    const answer = await post(
      `${url}/api/v1/validate/image`,
      'image/jpeg',
      uniqueImage((serial += 1)),
      agent,
    );
    ids.push((JSON.parse(answer) as { image_id: string }).image_id);
  }
  agent.destroy();
  let next = 0;
  return (connection) => {
    next = (next + 1) % ids.length;
    return post(
      `${url}/api/v1/analyze/by-id`,
      'application/json',
      JSON.stringify({ image_id: ids[next], only: 'faces', wipe_cache: true }),
      connection,
    );
  };
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const bin = fileURLToPath(new URL('../bin/fovea.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      FOVEA_MODELS_DIR: models,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    setTimeout(() => reject(new Error('the server did not start')), 60_000).unref();
    child.once('close', () => reject(new Error('the server ended')));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /API +(http:\/\/\S+)\/api\/v1/.exec(text)?.[1];
      if (found && text.includes('is ready')) resolve(found);
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  };
  return { url, stop };
}

/** p99 of the main process's event-loop delay since the last call, in milliseconds. */
async function loopDelay(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/fovea_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)/.exec(text)?.[1]) * 1000;
}

const bare = new Map<number, Arm[]>();
const http = new Map<string, { arm: Arm; delay: number }[]>();
const server = await startServer();
const ways: Readonly<Record<string, Send>> = {
  'by id': await byId(server.url),
  'upload and keep': uploads(server.url),
};
for (const send of Object.values(ways)) await throughHttp(4, send); // warm-up
for (let round = 0; round < rounds; round += 1) {
  for (const processes of [1, 2])
    bare.set(processes, [...(bare.get(processes) ?? []), await bareLoop(processes)]);
  for (const [way, send] of Object.entries(ways)) {
    for (const concurrency of concurrencies) {
      await loopDelay(server.url);
      const arm = await throughHttp(concurrency, send);
      const key = `${way} ${concurrency}`;
      http.set(key, [...(http.get(key) ?? []), { arm, delay: await loopDelay(server.url) }]);
      process.stderr.write('.');
    }
  }
}
await server.stop();
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });

const median = (values: number[]): number => quantile(values, 0.5);
const floor = (processes: number): number =>
  median((bare.get(processes) ?? []).map((arm) => arm.perSecond));
const latency = (arms: readonly Arm[]): string =>
  [0.5, 0.95, 0.99]
    .map((q) =>
      quantile(
        arms.flatMap((arm) => arm.latencies),
        q,
      ).toFixed(1),
    )
    .join(' / ');

function httpRow(way: string, concurrency: number): string {
  const runs = http.get(`${way} ${concurrency}`) ?? [];
  const rate = median(runs.map(({ arm }) => arm.perSecond));
  const ratio = rate / floor(concurrency === 1 ? 1 : 2);
  return `| ${way}, concurrency ${concurrency} | ${rate.toFixed(1)} | ${latency(runs.map(({ arm }) => arm))} | ${ratio.toFixed(2)} | ${median(runs.map(({ delay }) => delay)).toFixed(1)} |`;
}

const rows = [
  ...[1, 2].map(
    (processes) =>
      `| bare loop, ${processes} process${processes === 1 ? '' : 'es'} | ${floor(processes).toFixed(1)} | ${latency(bare.get(processes) ?? [])} | – | – |`,
  ),
  ...Object.keys(ways).flatMap((way) =>
    concurrencies.map((concurrency) => httpRow(way, concurrency)),
  ),
];
const report = `# Analyse: through HTTP against the bare loop

\`npm run bench -- analyze\`. photos/rocket.jpg (640 x 427) as ever another file, faces only, nothing cached. The bare loop is decode + BlazeFace 256 + its decoding in a
process of its own, without server, disk or database; one process is compared with one caller, two with several. *By id* analyses images that were kept before;
*upload and keep* sends each image and has it flushed to disk and into the database before the answer. Medians of ${rounds} rounds of ${seconds} s, arms in turn;
client, server, workers and database share the cores.

Machine: ${machine()}.

| | images/s | p50 / p95 / p99 ms | of the bare loop | event-loop delay p99 ms |
|---|---|---|---|---|
${rows.join('\n')}
`;
process.stdout.write(`\n${report}`);
if (process.argv.includes('--record'))
  writeFileSync(new URL('./results/analyze.md', import.meta.url), report);
