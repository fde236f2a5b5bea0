import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launchRedis } from '../test/support/redis.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { asked, call, closedLoop } from './load/http-client.ts';
import { processesOf, slope, type ProcessMemory } from './load/processes.ts';
import { startServer } from './load/started-server.ts';
import { machine, quantile } from './machine.ts';

/**
 * `node bench/soak.ts [--minutes 30] [--record]`: frames in sessions, with the sessions in Redis, at four fifths of what the
 * server can do, for long; memory of every process over time. Frames differ, so that no cache answers.
 */
const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    record: { type: 'boolean', default: false },
  },
});
const minutes = Number(given.minutes);
const share = 0.8;
const capacitySeconds = Math.min(30, minutes * 10);
const framesPerSession = 50;
/** Requests under way: beyond it the clock waits, and the frames that were due are not sent. */
const mostUnderWay = 32;
const sampleMs = 5_000;
/** Caches fill and heaps find their size: left out of the slopes. */
const settlingShare = 1 / 3;
const MiB = 1024 * 1024;

const redis = await launchRedis();
const server = await startServer({ REDIS_URL: redis.url });
const sessions = `${server.url}/api/v1/sessions`;
let serial = 0;
let [failures, frames, ended] = [0, 0, 0];
const statuses = new Map<number, number>();
const latencies: number[] = [];

interface Live {
  readonly id: string;
  frames: number;
}
let live: Live[] = [];

async function session(): Promise<Live> {
  const free = live.shift();
  if (free) return free;
  const { session_id: id } = await asked<{ session_id: string }>(sessions, {
    type: 'application/json',
    body: '{}',
  });
  return { id, frames: 0 };
}

async function frame(): Promise<void> {
  const own = await session();
  serial += 1;
  const { status, ms } = await call(`${sessions}/${own.id}/detect`, {
    type: 'image/jpeg',
    body: uniqueImage(serial),
  });
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  if (status === 200) latencies.push(ms);
  else failures += 1;
  frames += 1;
  own.frames += 1;
  if (own.frames < framesPerSession) live.push(own);
  else {
    await asked(`${sessions}/${own.id}`, { method: 'DELETE' });
    ended += 1;
  }
}

const memory = new Map<number, { role: ProcessMemory['role']; points: [number, number][] }>();
const started = performance.now();
const hours = (): number => (performance.now() - started) / 3_600_000;

function sample(): void {
  for (const { pid, role, rssBytes } of processesOf(server.pid)) {
    const known = memory.get(pid) ?? { role, points: [] };
    memory.set(pid, known);
    known.points.push([hours(), rssBytes / MiB]);
  }
}

async function soak(perSecond: number): Promise<number> {
  const end = performance.now() + minutes * 60_000;
  let [due, notSent] = [performance.now(), 0];
  const under = { way: 0 };
  while (performance.now() < end) {
    due += 1000 / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    if (under.way >= mostUnderWay) {
      notSent += 1;
      continue;
    }
    under.way += 1;
    void frame()
      .catch(() => (failures += 1))
      .finally(() => (under.way -= 1));
  }
  while (under.way > 0) await sleep(20);
  return notSent;
}

const capacity = await closedLoop(8, capacitySeconds, frame);
[failures, frames, ended] = [0, 0, 0];
statuses.clear();
latencies.length = 0;
const loads: number[] = [];
sample();
const sampler = setInterval(() => {
  sample();
  loads.push(loadavg()[0] ?? 0);
}, sampleMs);
const notSent = await soak(capacity * share);
clearInterval(sampler);
const metrics = await (await fetch(`${server.url}/metrics`)).text();
live = [];
await server.stop();
await redis.close();

const total = hours();
const rows = [...memory]
  .filter(([, { role, points }]) => role !== 'postgres' && points.length > 10)
  .map(([pid, { role, points }]) => {
    const late = points.filter(([at]) => at >= total * settlingShare);
    const values = points.map(([, rss]) => rss);
    const cells = [values[0] ?? 0, values.at(-1) ?? 0, Math.max(...values), slope(late)];
    return `| ${role} ${pid} | ${cells.map((value) => value.toFixed(1)).join(' | ')} |`;
  });
const restarts = /fovea_worker_restarts_total\{group="vision"\} (\d+)/.exec(metrics)?.[1] ?? '?';
const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(latencies, q).toFixed(1));
const report = `# Soak: frames in sessions, sessions in Redis

\`node bench/soak.ts --minutes ${minutes}\`. photos/rocket.jpg (640 x 427) as ever another file to \`POST sessions/{id}/detect\`, ${framesPerSession} frames
to a session, at ${share} of what eight clients got in the first ${capacitySeconds} s (${capacity.toFixed(1)} frames/s). Slopes are least squares over the last two thirds.

Machine: ${machine()}; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} (the run's own included: above 2, other work shared the cores).

- ${frames} frames in ${minutes} minutes (${(frames / minutes / 60).toFixed(1)}/s), ${ended} sessions ended; **${failures} failures**; ${notSent} frames not sent because ${mostUnderWay} were under way
- p50 / p95 / p99: ${p50} / ${p95} / ${p99} ms
- answers: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}; workers replaced: ${restarts}

| process | first MiB | last MiB | most MiB | slope MiB/h |
|---|---|---|---|---|
${rows.join('\n')}
`;
process.stdout.write(report);
if (given.record) writeFileSync(new URL('results/soak.md', import.meta.url), report);
if (failures > 0) process.exitCode = 1;
