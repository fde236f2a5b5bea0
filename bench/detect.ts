import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchRedis } from '../test/support/redis.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { asked, call, closedLoop } from './load/http-client.ts';
import { circumstances, percentiles, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';
import { quantile } from './machine.ts';

/** Frames in sessions, the sessions in Redis, through HTTP, against the bare loop; arms in turn. */

const seconds = 6;
const rounds = 3;
const clients = [1, 4, 16];

interface Arm {
  readonly perSecond: number;
  readonly latencies: readonly number[];
}

const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-models-'));
const redis = await launchRedis();
const server = await startServer({ REDIS_URL: redis.url }, folder);
const sessions = `${server.url}/api/v1/sessions`;
let serial = 0;

async function bareLoop(processes: number): Promise<Arm> {
  const loops = Array.from({ length: processes }, () =>
    fork(new URL('./detect/bare-loop.ts', import.meta.url), [folder, String(seconds)]),
  );
  const heard = async (): Promise<unknown[]> =>
    await Promise.all(loops.map((loop) => new Promise((resolve) => loop.once('message', resolve))));
  await heard();
  const measured = heard();
  for (const loop of loops) loop.send('go');
  const latencies = ((await measured) as number[][]).flat();
  return { perSecond: latencies.length / seconds, latencies };
}

async function frames(count: number): Promise<Arm> {
  const ids = await Promise.all(
    Array.from({ length: count }, async () =>
      asked<{ session_id: string }>(sessions, { type: 'application/json', body: '{}' }),
    ),
  );
  const latencies: number[] = [];
  const perSecond = await closedLoop(count, seconds, async (client) => {
    serial += 1;
    const url = `${sessions}/${ids[client]?.session_id ?? ''}/detect`;
    const { status, ms, text } = await call(url, { type: 'image/jpeg', body: uniqueImage(serial) });
    if (status !== 200) throw new Error(text);
    latencies.push(ms);
  });
  return { perSecond, latencies };
}

const arms = new Map<string, Arm[]>();
const measure = async (name: string, arm: () => Promise<Arm>): Promise<void> => {
  arms.set(name, [...(arms.get(name) ?? []), await arm()]);
  process.stderr.write('.');
};
try {
  await frames(4); // warm
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of [1, 2])
      await measure(`bare loop, ${processes} in parallel`, async () => bareLoop(processes));
    for (const count of clients)
      await measure(`sessions/{id}/detect, ${count} clients`, async () => frames(count));
  }
} finally {
  await server.stop();
  await redis.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

const rateOf = (name: string): number =>
  quantile(
    (arms.get(name) ?? []).map(({ perSecond }) => perSecond),
    0.5,
  );
const rows = [...arms].map(([name, runs]) => {
  const floor = rateOf(`bare loop, ${name.endsWith(' 1 clients') ? 1 : 2} in parallel`);
  const share = name.startsWith('bare') ? '–' : (rateOf(name) / floor).toFixed(2);
  return `| ${name} | ${rateOf(name).toFixed(1)} | ${percentiles(runs.flatMap(({ latencies }) => latencies))} | ${share} |`;
});
publish(
  'detect',
  `# Detect: frames in sessions, sessions in Redis, against the bare loop

\`npm run bench -- detect\`. photos/rocket.jpg (640 x 427) as ever another file to \`POST sessions/{id}/detect\`, CenterNet, nothing cached, one session for each client,
in a Redis on the same machine. The bare loop is decode + model + its decoding in a process of its own; one is compared with one client, two with several. Medians of ${rounds}
rounds of ${seconds} s, arms in turn; client, server, workers, Redis and PostgreSQL share the cores.

${circumstances()}

| | frames/s | p50 / p95 / p99 ms | of the bare loop |
|---|---|---|---|
${rows.join('\n')}
`,
);
