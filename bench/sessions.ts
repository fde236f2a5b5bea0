import { setTimeout as sleep } from 'node:timers/promises';
import { launchRedis } from '../test/support/redis.ts';
import { asked, call, type Answered } from './load/http-client.ts';
import { circumstances, percentiles, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';

/** A thousand operations on sessions a second through HTTP, in memory and in Redis: how long each takes. */

const perSecond = 1_000;
const seconds = 20;
const warmSeconds = 4;
const mostUnderWay = 500;
const type = 'application/json';

interface Arm {
  readonly name: string;
  readonly latencies: ReadonlyMap<string, readonly number[]>;
  readonly reached: number;
  readonly failures: number;
}

/** Sessions come, are changed, looked at and ended, each operation at its moment whatever became of those before. */
async function churn(url: string, name: string, duration: number): Promise<Arm> {
  const sessions = `${url}/api/v1/sessions`;
  const live: string[] = [];
  const latencies = new Map<string, number[]>();
  let [failures, done] = [0, 0];
  const under = { way: 0 };
  const operation = async (): Promise<[string, Answered]> => {
    const roll = Math.random();
    const id = live[Math.floor(Math.random() * live.length)];
    if (id === undefined || roll < 0.25 || live.length < 100) {
      const answer = await call(sessions, { type, body: '{"metadata":{"camera":"north"}}' });
      live.push((JSON.parse(answer.text) as { session_id: string }).session_id);
      return ['create', answer];
    }
    if (roll < 0.5) return ['get', await call(`${sessions}/${id}`, { method: 'GET' })];
    if (roll < 0.75) {
      const body = JSON.stringify({ metadata: { at: Date.now() } });
      return ['change', await call(`${sessions}/${id}`, { method: 'PATCH', type, body })];
    }
    const [ending = ''] = live.splice(Math.floor(Math.random() * live.length), 1);
    return ['end', await call(`${sessions}/${ending}`, { method: 'DELETE' })];
  };
  const one = async (): Promise<void> => {
    under.way += 1;
    try {
      const [what, { status, ms }] = await operation();
      // One that another operation ended meanwhile is refused, as it should be.
      if (status >= 300 && status !== 409) failures += 1;
      const known = latencies.get(what) ?? [];
      latencies.set(what, known);
      known.push(ms);
      done += 1;
    } catch {
      failures += 1;
    } finally {
      under.way -= 1;
    }
  };
  const started = performance.now();
  for (let sent = 0; performance.now() < started + duration * 1000; sent += 1) {
    const wait = started + (sent * 1000) / perSecond - performance.now();
    if (wait > 1) await sleep(wait);
    while (under.way >= mostUnderWay) await sleep(1);
    void one();
  }
  while (under.way > 0) await sleep(5);
  return { name, latencies, failures, reached: (done / (performance.now() - started)) * 1000 };
}

async function arm(name: string, settings: Record<string, string>): Promise<Arm> {
  const server = await startServer(settings);
  try {
    await asked(`${server.url}/api/v1/sessions`, { type, body: '{}' });
    await churn(server.url, name, warmSeconds);
    return await churn(server.url, name, seconds);
  } finally {
    await server.stop();
  }
}

const redis = await launchRedis();
const arms = [await arm('memory', {}), await arm('Redis', { REDIS_URL: redis.url })];
await redis.close();
const rows = arms.flatMap(({ name, latencies, reached, failures }) => [
  `| ${name}, all | ${reached.toFixed(0)} | ${percentiles([...latencies.values()].flat())} | ${failures} |`,
  ...[...latencies].map(([what, values]) => `| ${name}, ${what} | | ${percentiles(values)} | |`),
]);
publish(
  'sessions',
  `# Sessions: a thousand operations a second

\`npm run bench -- sessions\`. ${perSecond} operations a second through HTTP for ${seconds} s: sessions are created, looked at, changed and ended in equal parts, each at its moment, at most ${mostUnderWay} under way. The promise is a
p99 of 50 ms. Client, server, Redis and PostgreSQL share the cores.

${circumstances()}

| store and operation | operations/s | p50 / p95 / p99 ms | failures |
|---|---|---|---|
${rows.join('\n')}
`,
);
