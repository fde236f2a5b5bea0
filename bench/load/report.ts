import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { machine, quantile } from '../machine.ts';

/** `p50 / p95 / p99` of milliseconds. */
export function percentiles(latencies: readonly number[]): string {
  return [0.5, 0.95, 0.99].map((q) => quantile(latencies, q).toFixed(1)).join(' / ');
}

const loadBefore = loadavg()[0] ?? 0;

/** Where and beside what it was measured. */
export function circumstances(): string {
  return `Machine: ${machine()}; load average ${loadBefore.toFixed(1)} before the run, ${(loadavg()[0] ?? 0).toFixed(1)} at its end.`;
}

/** Prints the report, and with `--record` writes it to `bench/results`. */
export function publish(name: string, report: string): void {
  process.stdout.write(report);
  if (process.argv.includes('--record'))
    writeFileSync(new URL(`../results/${name}.md`, import.meta.url), report);
}
