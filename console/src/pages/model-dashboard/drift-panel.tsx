import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { Drift } from '../../api/types.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { useChoiceInAddress } from '../../parts/in-address.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { count } from '../../parts/quantities.ts';
import { Segments } from '../../parts/segments.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { BinsChart } from './bins-chart.tsx';
import styles from './page.module.css';

type Feature = Drift['features'][number];

/** Which two times are compared, in hours back from now. */
const comparisons = [
  { value: 'hour', label: 'last hour : day before', current: 1, baseline: 25 },
  { value: 'day', label: 'today : 7 days before', current: 24, baseline: 8 * 24 },
  { value: 'week', label: '7 days : 30 days before', current: 7 * 24, baseline: 37 * 24 },
] as const;
type Comparison = (typeof comparisons)[number];

const tones: Readonly<Record<Feature['level'], Tone>> = {
  stable: 'good',
  moderate: 'warn',
  major: 'bad',
  unknown: 'plain',
};

/** Whether the inputs of now still look like those of before, feature by feature. */
export function DriftPanel({ id }: { readonly id: string }) {
  const [chosen, setChosen] = useChoiceInAddress('compared', comparisons, 'day');
  const comparison = comparisons.find(({ value }) => value === chosen) ?? comparisons[1];
  const found = useQuery({
    queryKey: ['analytics', 'drift', id, chosen],
    queryFn: ({ signal }) => loadDrift(id, comparison, signal),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  return (
    <div className={styles.wide}>
      <Panel
        title="Drift of inputs"
        tools={
          <Segments
            label="Times compared"
            value={chosen}
            options={comparisons}
            onChange={setChosen}
          />
        }
      >
        {found.isError && <ProblemCard error={found.error} />}
        {found.isPending && <Waiting label="Comparing the inputs" />}
        {found.data && <Compared drift={found.data} />}
      </Panel>
    </div>
  );
}

async function loadDrift(id: string, { current, baseline }: Comparison, signal: AbortSignal) {
  const hoursAgo = (hours: number): string =>
    new Date(Date.now() - hours * 3_600_000).toISOString();
  const query = {
    from: hoursAgo(current),
    to: hoursAgo(0),
    baseline_from: hoursAgo(baseline),
    baseline_to: hoursAgo(current),
  };
  const { drift } = await data(
    api.GET('/api/v1/analytics/models/{id}', { params: { path: { id }, query }, signal }),
  );
  return drift;
}

function Compared({ drift }: { readonly drift: Drift }) {
  if (drift.baseline_predictions === 0 || drift.current_predictions === 0)
    return (
      <p className="muted">
        There is nothing to compare: {count(drift.current_predictions)} predictions now,{' '}
        {count(drift.baseline_predictions)} before.
      </p>
    );
  return (
    <>
      <p className={styles.note}>
        {count(drift.current_predictions)} predictions now against{' '}
        {count(drift.baseline_predictions)} before, on samples. The population stability index (PSI)
        is stable below 0.1 and major from 0.25 on.
      </p>
      <Table<Feature>
        label="drift by feature"
        rows={drift.features}
        keyOf={({ feature }) => feature}
        columns={[
          { title: 'Feature', cell: ({ feature }) => feature },
          { title: 'Kind', cell: ({ kind }) => kind },
          { title: 'PSI', number: true, cell: ({ psi }) => psi?.toFixed(3) ?? '–' },
          { title: 'Change', cell: ({ level }) => <Badge tone={tones[level]}>{level}</Badge> },
          { title: 'Before and now', cell: (feature) => <BinsChart feature={feature} /> },
        ]}
      />
    </>
  );
}
