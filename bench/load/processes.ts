import { readFileSync } from 'node:fs';

/** Linux only: what the processes of a server are, and the memory they have. */
export interface ProcessMemory {
  readonly pid: number;
  readonly role: 'main' | 'worker' | 'postgres' | 'other';
  readonly rssBytes: number;
}

/** The process and all below it. */
export function processesOf(pid: number): ProcessMemory[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rssBytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return [{ pid, role: roleOf(command), rssBytes }, ...children.flatMap(processesOf)];
  } catch {
    return []; // it ended meanwhile
  }
}

function roleOf(command: string): ProcessMemory['role'] {
  if (command.includes('worker/main.ts')) return 'worker';
  if (/postgres/.test(command)) return 'postgres';
  return /cli\/main\.ts|fovea\.js/.test(command) ? 'main' : 'other';
}

/** Least squares: how much `y` grows with one unit of `x`. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}
