import { Badge, type Tone } from '../../parts/badge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { bytes, count } from '../../parts/quantities.ts';
import { Table } from '../../parts/table.tsx';
import { having, labelValues, sumOf, type Scrape } from './metrics-series.ts';
import styles from './page.module.css';

/** By the value of `fovea_breaker_state`. */
const states: readonly { readonly text: string; readonly tone: Tone }[] = [
  { text: 'answers', tone: 'good' },
  { text: 'on trial', tone: 'warn' },
  { text: 'lost', tone: 'bad' },
];

/** What the server stands on, whether it is there, and what waits for its return. */
export function Dependencies({ latest }: { readonly latest: Scrape }) {
  const breaker = 'fovea_breaker_state';
  const waiting =
    (sumOf(latest, 'fovea_prediction_log_waiting_bytes') ?? 0) +
    (sumOf(latest, 'fovea_detection_log_waiting_bytes') ?? 0) +
    (sumOf(latest, 'fovea_image_spool_bytes') ?? 0);
  return (
    <Panel title="Breakers now">
      <p className={styles.note}>
        {waiting > 0
          ? `${bytes(waiting)} wait on this disk for a dependency to take them.`
          : 'Nothing waits on this disk.'}
      </p>
      <Table
        label="dependencies"
        rows={labelValues(latest, breaker, 'dependency')}
        keyOf={(name) => name}
        columns={[
          { title: 'Dependency', cell: (name) => name },
          {
            title: 'State',
            cell: (name) => <State value={sumOf(latest, breaker, having({ dependency: name }))} />,
          },
          {
            title: 'Lost so far',
            number: true,
            cell: (name) =>
              count(
                sumOf(
                  latest,
                  'fovea_breaker_transitions_total',
                  having({ dependency: name, to: 'open' }),
                ) ?? 0,
              ),
          },
        ]}
      />
    </Panel>
  );
}

function State({ value }: { readonly value: number | null }) {
  const state = states[value ?? -1];
  return <Badge tone={state?.tone ?? 'plain'}>{state?.text ?? 'unknown'}</Badge>;
}
