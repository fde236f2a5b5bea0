import { readFileSync } from 'node:fs';

/** Linux only: what the processes of a server are, the memory they have, and the processor time they have used. */
export interface ProcessUse {
  readonly pid: number;
  readonly role: 'main' | 'worker' | 'postgres' | 'redis' | 'client' | 'other';
  readonly rssBytes: number;
  readonly processorMs: number;
}

/** The kernel counts processor time in hundredths of a second (USER_HZ). */
const tickMs = 10;

/** The process and all below it. */
export function processesOf(pid: number): ProcessUse[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rssBytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
    const role = pid === process.pid ? 'client' : roleOf(command);
    const processorMs = ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) * tickMs;
    return [{ pid, role, rssBytes, processorMs }, ...children.flatMap(processesOf)];
  } catch {
    return []; // it ended meanwhile
  }
}

/**
 * Milliseconds of processor time that `work` takes, by what took them: this process, which is the client, and the servers that it
 * started. Processes that begin or end meanwhile are left out.
 */
export async function processorTimeOf(
  work: () => Promise<void>,
): Promise<ReadonlyMap<ProcessUse['role'], number>> {
  const before = new Map(
    processesOf(process.pid).map(({ pid, processorMs }) => [pid, processorMs]),
  );
  await work();
  const spent = new Map<ProcessUse['role'], number>();
  for (const { pid, role, processorMs } of processesOf(process.pid)) {
    const since = before.get(pid);
    if (since !== undefined) spent.set(role, (spent.get(role) ?? 0) + processorMs - since);
  }
  return spent;
}

/** Of `/proc/<pid>/stat`: utime and stime are the 14th and 15th field (proc_pid_stat(5)); the second may hold spaces. */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function roleOf(command: string): ProcessUse['role'] {
  if (command.includes('worker/main.ts')) return 'worker';
  if (command.includes('redis-server')) return 'redis';
  if (/postgres/.test(command)) return 'postgres';
  return /cli\/main\.ts|fovea\.js/.test(command) ? 'main' : 'other';
}
