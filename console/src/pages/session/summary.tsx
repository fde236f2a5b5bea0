import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { SessionSummary } from '../../api/types.ts';
import { trackText } from '../../overlay/track-text.ts';
import { FactList } from '../../parts/fact-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { count, milliseconds } from '../../parts/quantities.ts';
import { Table, type Column } from '../../parts/table.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { When } from '../../parts/when.tsx';
import styles from './summary.module.css';

type Seen = SessionSummary['classes'][number];
type Track = SessionSummary['tracks'][number];

/** What was seen how often, and how long the frames took. */
export function Summary({ id, live }: { readonly id: string; readonly live: boolean }) {
  const summary = useSummary(id, live);
  return (
    <Panel title="Summary">
      {summary.isError && (
        <ProblemCard error={summary.error} onRetry={() => void summary.refetch()} />
      )}
      {summary.isPending && <Waiting label="Adding up" />}
      {summary.data && <Sums summary={summary.data} />}
    </Panel>
  );
}

export function useSummary(id: string, live: boolean) {
  return useQuery({
    queryKey: ['session', id, 'summary'],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/sessions/{id}/summary', { params: { path: { id } }, signal })),
    refetchInterval: live ? 3_000 : false,
  });
}

function Sums({ summary }: { readonly summary: SessionSummary }) {
  const { detection_count: frames, degraded_count: degraded, latency_ms: latency } = summary;
  if (frames === 0) return <p className="muted">No frame was looked at yet.</p>;
  return (
    <div className={styles.summary}>
      <FactList
        facts={[
          ['Frames', count(frames)],
          ['Without a model', degraded > 0 ? count(degraded) : undefined],
          ['Median time', latency && milliseconds(latency.p50)],
          ['95 % within', latency && milliseconds(latency.p95)],
          ['99 % within', latency && milliseconds(latency.p99)],
          ['Longest', latency && milliseconds(latency.max)],
        ]}
      />
      <Tabs
        label="What was seen"
        addressKey="seen"
        tabs={[
          {
            title: 'Classes',
            content: (
              <Table
                label="classes"
                columns={classColumns}
                rows={summary.classes}
                keyOf={({ label }) => label}
              />
            ),
          },
          {
            title: 'Tracks',
            content: (
              <Table
                label="tracks"
                columns={trackColumns}
                rows={summary.tracks}
                keyOf={({ track_id }) => track_id}
              />
            ),
          },
        ]}
      />
    </div>
  );
}

const classColumns: readonly Column<Seen>[] = [
  { title: 'Class', cell: ({ label }) => label },
  { title: 'Objects', cell: ({ objects }) => count(objects), number: true },
  { title: 'Frames', cell: ({ frames }) => count(frames), number: true },
  { title: 'Last seen', cell: ({ last_seen }) => <When at={last_seen} /> },
];

const trackColumns: readonly Column<Track>[] = [
  { title: 'Track', cell: ({ track_id }) => <span title={track_id}>{trackText(track_id)}</span> },
  { title: 'Class', cell: ({ label }) => label },
  { title: 'Frames', cell: ({ frames }) => count(frames), number: true },
  { title: 'Last seen', cell: ({ last_seen }) => <When at={last_seen} /> },
];
