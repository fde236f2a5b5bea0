import { LineChart } from '../../charts/line-chart.tsx';
import { Panel } from '../../parts/panel.tsx';
import { bytes, count, percent } from '../../parts/quantities.ts';
import type { LivePanelProps } from './live-view.tsx';
import { gauge, having, histogram, quantile, rate, share } from './metrics-series.ts';

const tenths = (value: number): string =>
  value >= 10 || Number.isInteger(value) ? count(Math.round(value)) : value.toFixed(1);
const megabyte = 1_000_000;

export function QueuePanel({ scrapes, times, span }: LivePanelProps) {
  const lines = [
    { name: 'waiting', values: gauge(scrapes, 'fovea_queue_pending_requests') },
    { name: 'in a worker', values: gauge(scrapes, 'fovea_worker_running_requests') },
    { name: 'answered per second', values: rate(scrapes, 'fovea_worker_answers_total') },
  ];
  return (
    <Panel title="Queue and workers’ work">
      <LineChart
        label="Requests waiting for a worker, in a worker, and answered by one per second"
        {...{ times, span, lines }}
        format={tenths}
        top={4}
      />
    </Panel>
  );
}

export function BatchPanel({ scrapes, times, span }: LivePanelProps) {
  const found = histogram(scrapes, 'fovea_batch_requests');
  const lines = [
    { name: 'p50', values: whole(quantile(scrapes, found, 0.5)) },
    { name: 'p95', values: whole(quantile(scrapes, found, 0.95)) },
  ];
  return (
    <Panel title="Batches">
      <LineChart
        label="Predictions that shared one run of a model: percentiles over half a minute"
        {...{ times, span, lines }}
        format={tenths}
        top={4}
      />
    </Panel>
  );
}

/** A percentile lies between the bounds of a bin; a number of predictions does not. */
function whole(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value === null ? null : Math.ceil(value)));
}

export function MemoryPanel({ scrapes, times, span }: LivePanelProps) {
  const lines = [
    { name: 'workers', values: gauge(scrapes, 'fovea_worker_resident_memory_bytes') },
    { name: 'main process', values: gauge(scrapes, 'fovea_process_resident_memory_bytes') },
    { name: 'request bodies', values: gauge(scrapes, 'fovea_upload_memory_bytes') },
  ];
  return (
    <Panel title="Memory">
      <LineChart
        label="Resident memory of the workers, of the main process, and of request bodies"
        {...{ times, span, lines }}
        format={bytes}
        top={100 * megabyte}
      />
    </Panel>
  );
}

export function CachePanel({ scrapes, times, span }: LivePanelProps) {
  const lookups = 'fovea_result_cache_lookups_total';
  const lines = [
    { name: 'from the cache', values: share(scrapes, lookups, having({ outcome: 'hit' })) },
  ];
  return (
    <Panel title="Cache of results">
      <LineChart
        label="Share of analyses that the cache answered, over half a minute"
        {...{ times, span, lines }}
        format={percent}
        top={1}
      />
    </Panel>
  );
}

export function SessionsPanel({ scrapes, times, span }: LivePanelProps) {
  const frames = 'fovea_stream_frames_total';
  const lines = [
    { name: 'live sessions', values: gauge(scrapes, 'fovea_sessions_live') },
    { name: 'streams', values: gauge(scrapes, 'fovea_streams') },
    { name: 'frames/s', values: rate(scrapes, frames, having({ outcome: 'answered' })) },
    { name: 'dropped/s', values: rate(scrapes, frames, having({ outcome: 'dropped' })) },
  ];
  return (
    <Panel title="Sessions and streams">
      <LineChart
        label="Live sessions, open streams, and their frames per second"
        {...{ times, span, lines }}
        format={tenths}
        top={4}
      />
    </Panel>
  );
}
