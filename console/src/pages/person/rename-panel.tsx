import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './page.module.css';

interface RenamePanelProps {
  readonly collection: string;
  readonly person: string;
  readonly name: string;
  readonly onDone: () => Promise<void>;
}

export function RenamePanel({ collection, person, name, onDone }: RenamePanelProps) {
  const [next, setNext] = useState(name);
  const rename = useMutation({
    mutationFn: () =>
      api.PATCH('/api/v1/collections/{id}/persons/{person_id}', {
        params: { path: { id: collection, person_id: person } },
        body: { name: next },
      }),
    onSuccess: onDone,
  });
  return (
    <Panel title="Name">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <Field
          label="Name"
          required
          maxLength={200}
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <Button type="submit" busy={rename.isPending} disabled={next === name}>
          Rename
        </Button>
      </form>
      {rename.isError && <ProblemCard error={rename.error} />}
    </Panel>
  );
}
