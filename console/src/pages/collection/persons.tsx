import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, data } from '../../api/client.ts';
import type { Person } from '../../api/types.ts';
import cards from '../../faces/cards.module.css';
import { Thumbnail } from '../../faces/thumbnail.tsx';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { useTypedInAddress } from '../../parts/in-address.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import styles from './page.module.css';

interface PersonsProps {
  readonly id: string;
  readonly onAdd: () => void;
}

/** The people of a collection, each with a picture, newest first. */
export function Persons({ id, onAdd }: PersonsProps) {
  const { typed, type, text: name } = useTypedInAddress('name');
  const list = usePersons(id, name);
  const persons = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Panel title="People">
      <div className={styles.find}>
        <Field
          label="Find by name"
          type="search"
          value={typed}
          onChange={(event) => type(event.target.value)}
        />
      </div>
      {list.isError && <ProblemCard error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Waiting label="Loading the people" />}
      {list.data && persons.length === 0 && name === '' && (
        <Empty title="Nobody is enrolled yet">
          <p>Add a person with some photos, and the server finds them in others.</p>
          <Button onClick={onAdd}>Add a person</Button>
        </Empty>
      )}
      {list.data && persons.length === 0 && name !== '' && (
        <Empty title="Nobody is called that">
          <p>No name of this collection has “{name}” in it.</p>
        </Empty>
      )}
      <ul className={cards.cards} aria-label="People">
        {persons.map((person) => (
          <PersonCard key={person.id} collection={id} person={person} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Panel>
  );
}

function usePersons(id: string, name: string) {
  return useInfiniteQuery({
    queryKey: ['persons', id, 'list', name],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = {
        limit: 60,
        ...(cursor === undefined ? {} : { cursor }),
        ...(name === '' ? {} : { name }),
      };
      return data(
        api.GET('/api/v1/collections/{id}/persons', { params: { path: { id }, query }, signal }),
      );
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}

interface PersonCardProps {
  readonly collection: string;
  readonly person: Person;
}

function PersonCard({
  collection,
  person: { id, name, face_count, cover_image_id },
}: PersonCardProps) {
  return (
    <li className={cards.card}>
      <Thumbnail imageId={cover_image_id} alt="" />
      <Link to="/people/$id/$person" params={{ id: collection, person: id }}>
        {name}
      </Link>
      <span className={cards.small}>{face_count === 1 ? '1 face' : `${face_count} faces`}</span>
    </li>
  );
}
