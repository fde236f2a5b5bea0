import { setTimeout as sleep } from 'node:timers/promises';
import { uniqueImage } from './analyze/unique-images.ts';
import { call, closedLoop, type Answered } from './load/http-client.ts';
import { circumstances, percentiles, publish } from './load/report.ts';
import { startServer } from './load/started-server.ts';
import { quantile } from './machine.ts';

/** Three times as many requests as the server can do: what it still does, and how it refuses the rest. */

const seconds = 12;
const rounds = 2;
const times = 3;
const clients = 8;
let serial = 0;

const server = await startServer();
const detect = async (): Promise<Answered> => {
  serial += 1;
  return await call(`${server.url}/api/v1/detect`, {
    type: 'image/jpeg',
    body: uniqueImage(serial),
  });
};

const served: number[] = [];
async function capacity(): Promise<number> {
  return await closedLoop(clients, seconds, async () => {
    const { status, ms } = await detect();
    if (status === 200) served.push(ms);
  });
}

async function flood(perSecond: number): Promise<{ answers: Answered[]; goodput: number }> {
  const under: Promise<Answered>[] = [];
  const started = performance.now();
  for (let sent = 0; performance.now() < started + seconds * 1000; sent += 1) {
    const wait = started + (sent * 1000) / perSecond - performance.now();
    if (wait > 1) await sleep(wait);
    under.push(detect());
  }
  const answers = await Promise.all(under);
  const took = (performance.now() - started) / 1000;
  return { answers, goodput: answers.filter(({ status }) => status === 200).length / took };
}

const runs: { alone: number; goodput: number; answers: Answered[] }[] = [];
try {
  await closedLoop(clients, 3, async () => void (await detect()));
  served.length = 0;
  for (let round = 0; round < rounds; round += 1) {
    const alone = await capacity();
    runs.push({ alone, ...(await flood(times * alone)) });
  }
} finally {
  await server.stop();
}
const answers = runs.flatMap((run) => run.answers);
const admitted = answers.filter(({ status }) => status === 200);
const refused = answers.filter(({ status }) => status === 503 || status === 429);
const said = refused.filter(({ retryAfter }) => Number(retryAfter) >= 1);
const median = (of: (run: (typeof runs)[number]) => number): number => quantile(runs.map(of), 0.5);
publish(
  'overload',
  `# Three times as much as it can do

\`npm run bench -- overload\`. photos/rocket.jpg as ever another file to \`POST detect\` (CenterNet), default settings (queue of 100). Capacity is what ${clients} clients get that wait for their answers; then requests come at ${times} times that
rate, whatever became of those before. ${rounds} rounds of ${seconds} s each, in turn; the client shares the cores.

${circumstances()}

| | requests/s | p50 / p95 / p99 ms |
|---|---|---|
| capacity | ${median(({ alone }) => alone).toFixed(1)} | ${percentiles(served)} |
| overload, admitted | ${median(({ goodput }) => goodput).toFixed(1)} | ${percentiles(admitted.map(({ ms }) => ms))} |
| overload, refused | | ${percentiles(refused.map(({ ms }) => ms))} |

Goodput of capacity, by round: ${runs.map(({ alone, goodput }) => (goodput / alone).toFixed(2)).join(', ')}. ${admitted.length} admitted, ${refused.length} refused (${said.length} with \`Retry-After\`), ${answers.length - admitted.length - refused.length} otherwise.
An admitted request waits for a whole queue at most: 100 requests at the rate above.
`,
);
