import { setTimeout as sleep } from 'node:timers/promises';
import { uniqueImage } from './analyze/unique-images.ts';
import { call, closedLoop, type Answered } from './load/http-client.ts';
import { processorTimeOf, type ProcessUse } from './load/processes.ts';
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

type Spent = ReadonlyMap<ProcessUse['role'], number>;
const runs: {
  alone: number;
  goodput: number;
  answers: Answered[];
  spentAlone: Spent;
  spent: Spent;
}[] = [];

async function round(): Promise<void> {
  let alone = 0;
  const spentAlone = await processorTimeOf(async () => {
    alone = await capacity();
  });
  let flooded: Awaited<ReturnType<typeof flood>> = { answers: [], goodput: 0 };
  const spent = await processorTimeOf(async () => {
    flooded = await flood(times * alone);
  });
  runs.push({ alone, ...flooded, spentAlone, spent });
}
try {
  await closedLoop(clients, 3, async () => void (await detect()));
  served.length = 0;
  for (let done = 0; done < rounds; done += 1) await round();
} finally {
  await server.stop();
}
const answers = runs.flatMap((run) => run.answers);
const admitted = answers.filter(({ status }) => status === 200);
const refused = answers.filter(({ status }) => status === 503 || status === 429);
const said = refused.filter(({ retryAfter }) => Number(retryAfter) >= 1);
const median = (of: (run: (typeof runs)[number]) => number): number => quantile(runs.map(of), 0.5);
/** Milliseconds by the main process or the client. Each admitted request takes as much as one does without overload. */
const perRefusal = (role: ProcessUse['role']): string => {
  const sum = (of: (run: (typeof runs)[number]) => Spent): number =>
    runs.reduce((all, run) => all + (of(run).get(role) ?? 0), 0);
  const each = sum(({ spentAlone }) => spentAlone) / served.length;
  const more = sum(({ spent }) => spent) - each * admitted.length;
  return `${(more / refused.length).toFixed(1)} ms (an admitted one ${each.toFixed(1)} ms)`;
};
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
An admitted request waits for a whole queue at most: 100 requests at the rate above. Processor time of a refusal: the server's main process ${perRefusal('main')}, the
measuring client ${perRefusal('client')}; both on the cores that the workers need.
`,
);
