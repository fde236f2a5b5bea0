import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launchRedis } from '../test/support/redis.ts';
import { uniqueImage } from './analyze/unique-images.ts';
import { asked, call, closedLoop } from './load/http-client.ts';
import { processesOf, type ProcessUse } from './load/processes.ts';
import { startServer } from './load/started-server.ts';
import { trendOf } from './load/trend.ts';
import { percentiles } from './load/report.ts';
import { machine } from './machine.ts';

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
const capacityClients = 8;
const framesPerSession = 50;
/**
 * Requests under way: beyond it frames that are due are not sent, and counted. So the generator never makes a queue that
 * outlasts the time-out of 30 s: that takes a server that does fewer than one frame in two seconds.
 */
const mostUnderWay = 2 * capacityClients;
/** A generator that was held up for longer does not catch up. */
const patienceMs = 1_000;
const sampleMs = Math.min(5_000, (minutes * 60_000) / 240);
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

const memory = new Map<number, { role: ProcessUse['role']; points: [number, number][] }>();
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
    if (wait < -patienceMs || under.way >= mostUnderWay) {
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

/** Caches fill and code is compiled before anything is measured. */
await closedLoop(capacityClients, capacitySeconds / 3, frame);
const capacity = await closedLoop(capacityClients, capacitySeconds, frame);
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
const total = hours();
const [soaked, soakLatencies, soakStatuses] = [
  { frames, failures, ended },
  [...latencies],
  [...statuses],
];
const capacityAfter = await closedLoop(capacityClients, capacitySeconds, frame);
const metrics = await (await fetch(`${server.url}/metrics`)).text();
live = [];
await server.stop();
await redis.close();

const rows = [...memory]
  .filter(([, { role, points }]) => role !== 'postgres' && points.length > 10)
  .map(([pid, { role, points }]) => {
    const values = points.map(([, rss]) => rss);
    const sizes = [values[0] ?? 0, values.at(-1) ?? 0, Math.max(...values)];
    const { slope, margin } = trendOf(points.filter(([at]) => at >= total * settlingShare));
    const shown = sizes.map((value) => value.toFixed(1)).join(' | ');
    return `| ${role} ${pid} | ${shown} | ${slope.toFixed(1)} ± ${margin.toFixed(1)} |`;
  });
const restarts = /fovea_worker_restarts_total\{group="vision"\} (\d+)/.exec(metrics)?.[1] ?? '?';
const quarter = Math.ceil(soakLatencies.length / 4);
const answers = soakStatuses.map(([status, count]) => `${status}: ${count}`).join(', ');
const perSecond = soaked.frames / minutes / 60;
const report = `# Soak: frames in sessions, sessions in Redis

\`node bench/soak.ts --minutes ${minutes}\`. photos/rocket.jpg (640 x 427) as ever another file to \`POST sessions/{id}/detect\`, ${framesPerSession} frames
to a session, one after another at their moments, ${share} times as many as ${capacityClients} clients got in ${capacitySeconds} s before (${capacity.toFixed(1)} frames/s; ${capacityAfter.toFixed(1)} after the soak).
At most ${mostUnderWay} are under way; a frame that finds so many is not sent. Memory is sampled every ${(sampleMs / 1000).toFixed(1)} s; slopes are least squares over the last two thirds, with 95 % confidence.

Machine: ${machine()}; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} (the run's own included: above 2, other work shared the cores).

- ${soaked.frames} frames in ${minutes} minutes: ${perSecond.toFixed(1)}/s, ${(perSecond / capacity).toFixed(2)} of the capacity; ${soaked.ended} sessions ended; ${notSent} frames not sent
- **${soaked.failures} failures** (${((100 * soaked.failures) / soaked.frames).toFixed(2)} %); answers: ${answers}; workers replaced: ${restarts}
- p50 / p95 / p99: ${percentiles(soakLatencies)} ms; in the first quarter ${percentiles(soakLatencies.slice(0, quarter))}, in the last ${percentiles(soakLatencies.slice(-quarter))}

| process | first MiB | last MiB | most MiB | slope MiB/h |
|---|---|---|---|---|
${rows.join('\n')}
`;
process.stdout.write(report);
if (given.record) writeFileSync(new URL('results/soak.md', import.meta.url), report);
if (soaked.failures > 0) process.exitCode = 1;
