import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import { EnrolDialog } from '../../faces/enrol-dialog.tsx';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { MissingPage } from '../../parts/missing-page.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Faces } from './faces.tsx';
import { MergePanel } from './merge-panel.tsx';
import { RenamePanel } from './rename-panel.tsx';
import styles from './page.module.css';

/** One person: their faces, their name, and the ways to join or forget them. */
export function Page() {
  const { id, person } = useParams({ from: '/people/$id/$person' });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const found = usePerson(id, person);
  if (found.isError)
    return <MissingPage title="Person" error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Waiting label="Loading the person" />;
  const { name } = found.data;
  const changed = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['persons', id] });
    await queries.invalidateQueries({ queryKey: ['collections'] });
  };
  const remove = async (): Promise<void> => {
    const path = { id, person_id: person };
    await api.DELETE('/api/v1/collections/{id}/persons/{person_id}', { params: { path } });
    await navigate({ to: '/people/$id', params: { id } });
    await changed();
  };
  return (
    <>
      <PageHead title={name}>
        <Button kind="main" onClick={() => setAdding(true)}>
          Add photos
        </Button>
        <ConfirmButton action={`Delete ${name}`} onConfirm={remove}>
          <p>
            Their faces are forgotten, with the vectors and the photos that were sent only to enrol
            them. It cannot be undone.
          </p>
        </ConfirmButton>
      </PageHead>
      <p className={styles.ways}>
        <Link to="/people/$id" params={{ id }}>
          The collection
        </Link>
      </p>
      <div className={styles.page}>
        <Faces collection={id} person={person} onChanged={changed} />
        <div className={styles.pair}>
          <RenamePanel key={name} collection={id} person={person} name={name} onDone={changed} />
          <MergePanel collection={id} person={person} name={name} onDone={changed} />
        </div>
      </div>
      {adding && (
        <EnrolDialog
          title={`Photos of ${name}`}
          collection={id}
          askName={false}
          person={() => Promise.resolve(person)}
          onDone={changed}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function usePerson(id: string, person: string) {
  return useQuery({
    queryKey: ['persons', id, person],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1/collections/{id}/persons/{person_id}', {
          params: { path: { id, person_id: person } },
          signal,
        }),
      ),
  });
}
