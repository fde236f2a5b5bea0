import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { Pack } from '../../api/types.ts';
import { useMayAdminister } from '../../frame/access.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { bytes } from '../../parts/quantities.ts';
import { Table, type Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { LicenceDialog } from './licence-dialog.tsx';
import styles from './setup-panel.module.css';

const states: Readonly<Record<Pack['state'], { readonly text: string; readonly tone: Tone }>> = {
  absent: { text: 'not here', tone: 'plain' },
  partial: { text: 'partly here', tone: 'warn' },
  present: { text: 'here', tone: 'good' },
};

interface PacksProps {
  readonly packs: readonly Pack[];
  readonly running: boolean;
}

/** Models that belong together, to be fetched at one go; those under terms after the terms were accepted. */
export function Packs({ packs, running }: PacksProps) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Pack>();
  const mayAdminister = useMayAdminister();
  const fetchPack = useMutation({
    mutationFn: ({ name, licence }: Pack) => {
      const terms = licence?.accepted === null ? { accept_licences: [licence.id] } : {};
      return data(api.POST('/api/v1/setup', { body: { packs: [name], ...terms } }));
    },
    onSuccess: (status) => {
      queries.setQueryData(['setup'], status);
      setAsked(undefined);
    },
  });
  const want = (pack: Pack): void => {
    fetchPack.reset();
    if (pack.licence?.accepted === null) setAsked(pack);
    else fetchPack.mutate(pack);
  };
  const fetching: Column<Pack> = {
    title: 'Fetch',
    cell: (pack) =>
      pack.state !== 'present' && (
        <Button
          aria-label={`Fetch ${pack.name}`}
          disabled={running}
          busy={fetchPack.isPending && fetchPack.variables.name === pack.name}
          onClick={() => want(pack)}
        >
          Fetch
        </Button>
      ),
  };
  return (
    <Panel title="Packs">
      <p className={styles.note}>
        Models that belong together. <code>FOVEA_FACE_PACK</code> says which pack looks at faces;
        the others only lie on the disk.
      </p>
      {fetchPack.isError && !asked && <ProblemCard error={fetchPack.error} />}
      <Table<Pack>
        label="packs"
        rows={packs}
        keyOf={({ name }) => name}
        columns={[
          {
            title: 'Pack',
            cell: ({ name, description, active }) => (
              <div className={styles.wide}>
                <strong>{name}</strong> {active && <Badge tone="good">in use</Badge>}
                <div className="muted">{description}</div>
              </div>
            ),
          },
          { title: 'Size', number: true, cell: ({ size_bytes }) => bytes(size_bytes) },
          { title: 'Terms', cell: ({ licence }) => <Terms licence={licence} /> },
          {
            title: 'State',
            cell: ({ state }) => <Badge tone={states[state].tone}>{states[state].text}</Badge>,
          },
          ...(mayAdminister ? [fetching] : []),
        ]}
      />
      {asked?.licence && (
        <LicenceDialog
          pack={asked}
          licence={asked.licence}
          busy={fetchPack.isPending}
          error={fetchPack.error}
          onAccept={() => fetchPack.mutate(asked)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </Panel>
  );
}

function Terms({ licence }: Pick<Pack, 'licence'>) {
  if (!licence) return <>free</>;
  return (
    <div className={styles.wide}>
      <a href={licence.url} target="_blank" rel="noreferrer">
        {licence.title}
      </a>
      <div className="muted">
        {licence.accepted === null ? (
          'not accepted yet'
        ) : (
          <>
            accepted <When at={licence.accepted.at} />
            {licence.accepted.by !== 'open' && ` by ${licence.accepted.by.slice(0, 8)}`}
          </>
        )}
      </div>
    </div>
  );
}
