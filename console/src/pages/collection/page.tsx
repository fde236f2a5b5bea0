import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import { EnrolDialog } from '../../faces/enrol-dialog.tsx';
import { Button } from '../../parts/button.tsx';
import { Stack } from '../../parts/columns.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { MissingPage } from '../../parts/missing-page.tsx';
import { count } from '../../parts/quantities.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { Persons } from './persons.tsx';
import { Recogniser } from './recogniser.tsx';
import styles from './page.module.css';

/** One collection and the people in it. */
export function Page() {
  const { id } = useParams({ from: '/people/$id' });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const collection = useCollection(id);
  if (collection.isError)
    return (
      <MissingPage
        title="Collection"
        error={collection.error}
        onRetry={() => void collection.refetch()}
      />
    );
  if (!collection.data) return <Waiting label="Loading the collection" />;
  const { name, description, person_count, face_count, current } = collection.data;
  const changed = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['collections'] });
    await queries.invalidateQueries({ queryKey: ['persons', id] });
  };
  const recogniser = <Recogniser collection={collection.data} onDone={changed} />;
  const remove = async (): Promise<void> => {
    await api.DELETE('/api/v1/collections/{id}', { params: { path: { id } } });
    await navigate({ to: '/people' });
    await changed();
  };
  return (
    <>
      <PageHead title={name} lead={description}>
        <Button kind="main" onClick={() => setAdding(true)}>
          Add a person
        </Button>
        <ConfirmButton action="Delete the collection" onConfirm={remove}>
          <p>
            {count(person_count)} people and {count(face_count)} faces are forgotten, with their
            vectors and the photos that were sent only to enrol them. It cannot be undone.
          </p>
        </ConfirmButton>
      </PageHead>
      <p className={styles.ways}>
        <Link to="/people">All collections</Link>
        <Link to="/faces" search={{ tab: 'identify', collection: id }}>
          Identify somebody
        </Link>
      </p>
      <Stack>
        {!current && recogniser}
        <Persons id={id} onAdd={() => setAdding(true)} />
        {current && recogniser}
      </Stack>
      {adding && (
        <EnrolDialog
          title="Add a person"
          collection={id}
          askName
          person={(given) => addPerson(id, given)}
          onDone={changed}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

function useCollection(id: string) {
  return useQuery({
    queryKey: ['collections', id],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/collections/{id}', { params: { path: { id } }, signal })),
  });
}

async function addPerson(id: string, name: string): Promise<string> {
  const call = api.POST('/api/v1/collections/{id}/persons', {
    params: { path: { id } },
    body: { name },
  });
  return (await data(call)).id;
}
