import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchRedis } from '../test/support/redis.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { Arms } from './load/arms.ts';
import { bareLoops } from './load/bare-loops.ts';
import { asked, call } from './load/http-client.ts';
import { circumstances, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';

/** Frames in sessions, the sessions in Redis, through HTTP, against the bare loop; arms in turn. */

const seconds = 6;
const rounds = 3;
/** Two is one for each core of the machine that the committed numbers are from. */
const clients = [1, 2, 4, 16];

const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-models-'));
const redis = await launchRedis();
const server = await startServer({ REDIS_URL: redis.url }, folder);
const sessions = `${server.url}/api/v1/sessions`;
const arms = new Arms(seconds);
let serial = 0;

/** One session for each client. */
async function frames(count: number): Promise<(client: number) => Promise<void>> {
  const ids = await Promise.all(
    Array.from({ length: count }, async () =>
      asked<{ session_id: string }>(sessions, { type: 'application/json', body: '{}' }),
    ),
  );
  return async (client) => {
    serial += 1;
    const url = `${sessions}/${ids[client]?.session_id ?? ''}/detect`;
    const { status, text } = await call(url, { type: 'image/jpeg', body: uniqueImage(serial) });
    if (status !== 200) throw new Error(text);
  };
}

try {
  await arms.warm(4, await frames(4));
  for (let round = 0; round < rounds; round += 1) {
    for (const processes of [1, 2])
      arms.add(`bare loop, ${processes}`, await bareLoops('objects', folder, seconds, processes));
    for (const count of clients)
      await arms.run(`sessions/{id}/detect, ${count}`, count, await frames(count));
  }
} finally {
  await server.stop();
  await redis.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
const rows = [
  ...[1, 2].map((processes) => arms.row(`bare loop, ${processes}`)),
  ...clients.map((count) =>
    arms.row(`sessions/{id}/detect, ${count}`, `bare loop, ${count === 1 ? 1 : 2}`),
  ),
];
publish(
  'detect',
  `# Detect: frames in sessions, sessions in Redis, against the bare loop

\`npm run bench -- detect\`. photos/rocket.jpg (640 x 427) as ever another file to \`POST sessions/{id}/detect\`, CenterNet, nothing cached, one session for each client,
in a Redis on the same machine. The number is that of clients, or of bare loops: decode + model + its decoding in a process of its own. One client is compared with one loop, several with
two. Medians of ${rounds} rounds of ${seconds} s, arms in turn; client, server, workers, Redis and PostgreSQL share the cores, and more clients than cores wait for each other.
The promise is a P95 of 150 ms. Processor time per frame is that of workers, of the server around them (main process, PostgreSQL, Redis) and of the measuring client.

${circumstances()}

| | frames/s | p50 / p95 / p99 ms | of the bare loop | workers / server / client ms |
|---|---|---|---|---|
${rows.join('\n')}
`,
);
