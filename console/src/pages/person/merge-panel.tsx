import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import styles from './page.module.css';

interface MergePanelProps {
  readonly collection: string;
  readonly person: string;
  readonly name: string;
  readonly onDone: () => Promise<void>;
}

/** Makes another entry part of this one, when both are the same person. */
export function MergePanel({ collection, person, name, onDone }: MergePanelProps) {
  const [chosen, setChosen] = useState<string>();
  const persons = useQuery({
    queryKey: ['persons', collection, 'names'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1/collections/{id}/persons', {
          params: { path: { id: collection }, query: { limit: 100 } },
          signal,
        }),
      ),
  });
  const others = persons.data?.items.filter(({ id }) => id !== person) ?? [];
  const other = others.find(({ id }) => id === chosen) ?? others[0];
  const merge = async (): Promise<void> => {
    if (!other) return;
    await api.POST('/api/v1/collections/{id}/persons/{person_id}/merge', {
      params: { path: { id: collection, person_id: person } },
      body: { from: [other.id] },
    });
    setChosen(undefined);
    await onDone();
  };
  return (
    <Panel title="Merge">
      <p className={styles.note}>When the same person is here twice.</p>
      {other ? (
        <div className={styles.form}>
          <Choice
            label="Who is the same"
            value={other.id}
            options={others.map(({ id, name: label }) => ({ value: id, label }))}
            onChange={setChosen}
          />
          <ConfirmButton action={`Merge into ${name}`} onConfirm={merge}>
            <p>
              The faces of {other.name} become faces of {name}, and the name {other.name} goes. It
              cannot be undone.
            </p>
          </ConfirmButton>
        </div>
      ) : (
        <p className="muted">There is nobody else in this collection.</p>
      )}
    </Panel>
  );
}
