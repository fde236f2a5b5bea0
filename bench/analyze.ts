import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniqueImage } from './analyze/unique-images.ts';
import { machine, quantile } from './machine.ts';

/**
 * Analyses per second through HTTP against the bare loop, in one run, arm by arm in turn. Every
 * image is another file, so that nothing is cached, and every one is kept: written to disk and to the database.
 */

const seconds = 6;
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

async function throughHttp(url: string, concurrency: number): Promise<Arm> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await post(`${url}/api/v1/analyze/image?only=faces`, uniqueImage((serial += 1)), agent);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  agent.destroy();
  return { perSecond: latencies.length / seconds, latencies };
}

async function post(url: string, image: Buffer, agent: Agent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'image/jpeg', 'content-length': image.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response
        .resume()
        .once('end', () =>
          response.statusCode === 200
            ? resolve()
            : reject(new Error(`status ${response.statusCode}`)),
        );
    });
    sent.once('error', reject).end(image);
  });
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
  const url = await new Promise<string>((resolve) => {
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
const http = new Map<number, { arm: Arm; delay: number }[]>();
const server = await startServer();
await throughHttp(server.url, 4); // warm-up
for (let round = 0; round < rounds; round += 1) {
  for (const processes of [1, 2])
    bare.set(processes, [...(bare.get(processes) ?? []), await bareLoop(processes)]);
  for (const concurrency of concurrencies) {
    await loopDelay(server.url);
    const arm = await throughHttp(server.url, concurrency);
    http.set(concurrency, [
      ...(http.get(concurrency) ?? []),
      { arm, delay: await loopDelay(server.url) },
    ]);
    process.stderr.write('.');
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
const rows = [
  ...[1, 2].map(
    (processes) =>
      `| bare loop, ${processes} process${processes === 1 ? '' : 'es'} | ${floor(processes).toFixed(1)} | ${latency(bare.get(processes) ?? [])} | – | – |`,
  ),
  ...concurrencies.map((concurrency) => {
    const runs = http.get(concurrency) ?? [];
    const rate = median(runs.map(({ arm }) => arm.perSecond));
    const ratio = rate / floor(concurrency === 1 ? 1 : 2);
    return `| HTTP, concurrency ${concurrency} | ${rate.toFixed(1)} | ${latency(runs.map(({ arm }) => arm))} | ${ratio.toFixed(2)} | ${median(runs.map(({ delay }) => delay)).toFixed(1)} |`;
  }),
];
const report = `# Analyse: through HTTP against the bare loop

\`npm run bench -- analyze\`. photos/rocket.jpg (640 x 427), faces only, every image another file and kept (disk and database) by the server. The bare loop is
decode + BlazeFace 256 + its decoding in a process of its own, without server, disk or database; one process is compared with one caller, two with several. Medians of ${rounds} rounds of ${seconds} s, arms in turn; client, server and database share the cores.

Machine: ${machine()}.

| | images/s | p50 / p95 / p99 ms | of the bare loop | event-loop delay p99 ms |
|---|---|---|---|---|
${rows.join('\n')}
`;
process.stdout.write(`\n${report}`);
if (process.argv.includes('--record'))
  writeFileSync(new URL('./results/analyze.md', import.meta.url), report);
