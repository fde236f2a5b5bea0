import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { bytes, count } from '../../parts/quantities.ts';
import { Table } from '../../parts/table.tsx';
import { having, labelValues, sumOf, type Scrape } from './metrics-series.ts';

interface Group {
  readonly name: string;
  readonly states: string;
  readonly ready: boolean;
  readonly waiting: number;
  readonly running: number;
  readonly restarts: number;
  readonly memory: number;
}

/** Each group of worker processes as it stands. */
export function Workers({ latest }: { readonly latest: Scrape }) {
  return (
    <Panel title="Workers now">
      <Table<Group>
        label="worker groups"
        rows={labelValues(latest, 'fovea_queue_pending_requests', 'group').map((name) =>
          groupOf(latest, name),
        )}
        keyOf={({ name }) => name}
        columns={[
          { title: 'Group', cell: ({ name }) => name },
          {
            title: 'Processes',
            cell: ({ states, ready }) => <Badge tone={ready ? 'good' : 'warn'}>{states}</Badge>,
          },
          { title: 'Waiting', number: true, cell: ({ waiting }) => count(waiting) },
          { title: 'Running', number: true, cell: ({ running }) => count(running) },
          { title: 'Replaced', number: true, cell: ({ restarts }) => count(restarts) },
          { title: 'Memory', number: true, cell: ({ memory }) => bytes(memory) },
        ]}
      />
    </Panel>
  );
}

function groupOf(latest: Scrape, name: string): Group {
  const where = having({ group: name });
  const of = (metric: string): number => sumOf(latest, metric, where) ?? 0;
  const states = (latest.samples.get('fovea_workers') ?? []).filter(({ labels }) => where(labels));
  return {
    name,
    states:
      states.map(({ labels, value }) => `${value} ${labels['state'] ?? ''}`).join(', ') || 'none',
    ready: states.length > 0 && states.every(({ labels }) => labels['state'] === 'open'),
    waiting: of('fovea_queue_pending_requests'),
    running: of('fovea_worker_running_requests'),
    restarts: of('fovea_worker_restarts_total'),
    memory: of('fovea_worker_resident_memory_bytes'),
  };
}
