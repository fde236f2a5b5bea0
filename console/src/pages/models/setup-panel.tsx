import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { Model } from '../../api/types.ts';
import { useMayAdminister } from '../../frame/access.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { bytes, milliseconds } from '../../parts/quantities.ts';
import { Table, type Column } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { ModelProgress } from './model-progress.tsx';
import { Packs } from './packs.tsx';
import { useSetup } from './use-setup.ts';
import styles from './setup-panel.module.css';

const columns: readonly Column<Model>[] = [
  { title: 'Model', cell: ({ name, version }) => `${name} ${version}` },
  { title: 'For', cell: ({ task }) => task.replaceAll('-', ' ') },
  { title: 'State', cell: (model) => <ModelProgress model={model} /> },
  { title: 'Size', cell: ({ size_bytes }) => bytes(size_bytes), number: true },
  {
    title: 'Loaded in',
    cell: ({ load_ms }) => (load_ms === undefined ? '' : milliseconds(load_ms)),
    number: true,
  },
  {
    title: 'Licence',
    cell: ({ licence }) => (
      <div className={styles.wide}>
        {licence.spdx} <span className="muted">{licence.holder}</span>
      </div>
    ),
  },
];

/** The models that the server brings itself: how far each one is, live, and the packs that it can fetch. */
export function SetupPanel() {
  const queries = useQueryClient();
  const { setup, lost } = useSetup();
  const start = useMutation({
    mutationFn: () => data(api.POST('/api/v1/setup', { body: {} })),
    onSuccess: (status) => queries.setQueryData(['setup'], status),
  });
  const running = setup.data?.state === 'running';
  const mayAdminister = useMayAdminister();
  return (
    <>
      <Panel
        title="Models of the server"
        tools={
          <>
            {lost !== undefined && <Badge tone="warn">not live: trying again</Badge>}
            {mayAdminister && (
              <Button busy={start.isPending || running} onClick={() => start.mutate()}>
                {running ? 'Setting up' : 'Set up'}
              </Button>
            )}
          </>
        }
      >
        {start.isError && <ProblemCard error={start.error} />}
        {setup.isError && <ProblemCard error={setup.error} onRetry={() => void setup.refetch()} />}
        {setup.isPending && <Waiting label="Asking for the models" />}
        {setup.data?.offline === true && (
          <p className={styles.note}>
            This server is offline: it fetches nothing. Copy models into its folder.
          </p>
        )}
        {setup.data && (
          <Table
            label="models of the server"
            columns={columns}
            rows={inOrder(setup.data.models)}
            keyOf={({ name }) => name}
          />
        )}
      </Panel>
      {setup.data && <Packs packs={setup.data.packs} running={running} />}
    </>
  );
}

/** What failed first, then what is under way, then the rest. */
const order: Readonly<Record<Model['state'], number>> = {
  failed: 0,
  fetching: 1,
  loading: 1,
  absent: 2,
  present: 2,
  ready: 2,
};

function inOrder(models: readonly Model[]): Model[] {
  return models.toSorted((a, b) => order[a.state] - order[b.state]);
}
