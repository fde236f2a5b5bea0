import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of processor time, by who used it. */
export type ProcessorTime = Readonly<Record<string, number>>;

/**
 * Linux only: what the processes of a server and its client, children of this program, have used so far.
 * Of Node's processes the event loop and the other threads (compiler, garbage collector, files) apart.
 */
export function processorTime(): ProcessorTime {
  const used: Record<string, number> = {};
  for (const pid of descendants(process.pid)) {
    const name = nameOf(pid);
    if (name === undefined) continue;
    for (const [thread, microseconds] of threadsOf(pid)) {
      const key = name === 'PostgreSQL' ? name : `${name}, ${thread === pid ? 'loop' : 'threads'}`;
      used[key] = (used[key] ?? 0) + microseconds;
    }
  }
  return used;
}

/** What each used between the two, per request; what is below a microsecond is left out. */
export function perRequest(
  before: ProcessorTime,
  after: ProcessorTime,
  requests: number,
): [name: string, microseconds: number][] {
  return Object.entries(after)
    .map(([name, used]): [string, number] => [
      name,
      Math.round((used - (before[name] ?? 0)) / requests),
    ])
    .filter(([, microseconds]) => microseconds > 0)
    .toSorted(([, a], [, b]) => b - a);
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.map(Number).flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: number): (readonly [thread: number, microseconds: number])[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const [nanoseconds] = read(`/proc/${pid}/task/${thread}/schedstat`).split(' ');
      return [Number(thread), Number(nanoseconds) / 1000] as const;
    });
  } catch {
    return []; // it ended meanwhile
  }
}

function nameOf(pid: number): string | undefined {
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  if (command.includes('worker/main.ts')) return 'worker';
  if (/^postgres|bin\/postgres/.test(command)) return 'PostgreSQL';
  if (command.includes('cli/main.ts')) return 'server';
  if (command.includes('bare-echo.ts')) return 'echo';
  return command.includes('load-client.ts') ? 'client' : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
