import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** Memory is filled at some GB/s at most: the limit is overrun by little. */
const everyMs = 15;
const limit = Number(workerData);

setInterval(() => {
  const rss = process.memoryUsage.rss();
  if (rss <= limit) return;
  writeSync(2, `memory guard: ${rss} bytes resident, at most ${limit}\n`);
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
