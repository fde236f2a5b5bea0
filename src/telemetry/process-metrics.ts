import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Gauge, Registry } from 'prom-client';
import { collectedCounter, collectedGauge } from './collected.ts';

/** The main process: its event loop, memory and processor time. */
export function observeProcess(registry: Registry): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    collect: (gauge: Gauge) => void,
  ): void => collectedGauge(registry, { name, help, labelNames }, collect);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  gauge(
    'fovea_event_loop_delay_seconds',
    'Delay of the main event loop since the last scrape.',
    ['quantile'],
    (made) => {
      // The monitor samples its own 10 ms timer: what is above that is delay.
      const over = (nanoseconds: number): number =>
        Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - 0.01) : 0;
      made.set({ quantile: '0.5' }, over(delay.percentile(50)));
      made.set({ quantile: '0.99' }, over(delay.percentile(99)));
      made.set({ quantile: '1' }, over(delay.max));
      delay.reset();
    },
  );
  gauge('fovea_process_resident_memory_bytes', 'Resident memory of the main process.', [], (made) =>
    made.set(process.memoryUsage.rss()),
  );
  collectedCounter(
    registry,
    { name: 'fovea_process_cpu_seconds_total', help: 'Processor time of the main process.' },
    (counter) => {
      const { user, system } = process.cpuUsage();
      counter.inc((user + system) / 1e6);
    },
  );
  gauge('fovea_process_heap_bytes', 'JavaScript heap in use.', [], (made) =>
    made.set(process.memoryUsage().heapUsed),
  );
  gauge('fovea_process_uptime_seconds', 'Time since the main process started.', [], (made) =>
    made.set(process.uptime()),
  );
}
