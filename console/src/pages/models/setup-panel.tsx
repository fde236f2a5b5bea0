import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { SetupStatus } from '../../api/types.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { bytes, milliseconds } from '../../parts/quantities.ts';
import { Table, type Column } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import styles from './setup-panel.module.css';

type Status = SetupStatus['models'][number];

const tones: Readonly<Record<Status['state'], Tone>> = {
  absent: 'plain',
  fetching: 'warn',
  present: 'plain',
  loading: 'warn',
  ready: 'good',
  failed: 'bad',
};

const columns: readonly Column<Status>[] = [
  { title: 'Model', cell: ({ name, version }) => `${name} ${version}` },
  { title: 'For', cell: ({ task }) => task.replaceAll('-', ' ') },
  { title: 'State', cell: (model) => <State model={model} /> },
  { title: 'Size', cell: ({ size_bytes }) => bytes(size_bytes), number: true },
  {
    title: 'Loaded in',
    cell: ({ load_ms }) => (load_ms === undefined ? '' : milliseconds(load_ms)),
    number: true,
  },
  {
    title: 'Licence',
    cell: ({ licence }) => (
      <>
        {licence.spdx} <span className="muted">{licence.holder}</span>
      </>
    ),
  },
];

/** The models that the server brings itself: how far each one is, live, and the button that brings them. */
export function SetupPanel() {
  const queries = useQueryClient();
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/setup', { signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 500 : 5_000),
  });
  const start = useMutation({
    mutationFn: () => data(api.POST('/api/v1/setup', { body: {} })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['setup'] }),
  });
  return (
    <Panel
      title="Models of the server"
      tools={
        <Button
          busy={start.isPending || setup.data?.state === 'running'}
          onClick={() => start.mutate()}
        >
          Set up
        </Button>
      }
    >
      {start.isError && <ProblemCard error={start.error} />}
      {setup.isError && <ProblemCard error={setup.error} onRetry={() => void setup.refetch()} />}
      {setup.isPending && <Waiting label="Asking for the models" />}
      {setup.data && (
        <Table
          label="models of the server"
          columns={columns}
          rows={setup.data.models}
          keyOf={({ name }) => name}
        />
      )}
    </Panel>
  );
}

function State({ model: { state, reason, progress, name } }: { readonly model: Status }) {
  return (
    <div className={styles.state}>
      <Badge tone={tones[state]}>{state}</Badge>
      {state === 'fetching' && (
        <progress value={progress} aria-label={`How much of ${name} is here`} />
      )}
      {reason !== undefined && <span className={styles.reason}>{reason}</span>}
    </div>
  );
}
