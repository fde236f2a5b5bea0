import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { EnrolledFace } from '../../api/types.ts';
import cards from '../../faces/cards.module.css';
import { QualityNote } from '../../faces/quality-note.tsx';
import { Thumbnail } from '../../faces/thumbnail.tsx';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { When } from '../../parts/when.tsx';

interface FacesProps {
  readonly collection: string;
  readonly person: string;
  readonly onChanged: () => Promise<void>;
}

/** The faces by which a person is found. */
export function Faces({ collection, person, onChanged }: FacesProps) {
  const path = { id: collection, person_id: person };
  const faces = useQuery({
    queryKey: ['persons', collection, person, 'faces'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1/collections/{id}/persons/{person_id}/faces', {
          params: { path, query: { limit: 100 } },
          signal,
        }),
      ),
  });
  return (
    <Panel title="Faces">
      {faces.isError && <ProblemCard error={faces.error} onRetry={() => void faces.refetch()} />}
      {faces.isPending && <Waiting label="Loading the faces" />}
      {faces.data?.items.length === 0 && (
        <Empty title="No face is enrolled">
          <p>Add photos: without a face this person is never found.</p>
        </Empty>
      )}
      <ul className={cards.cards} aria-label="Faces">
        {faces.data?.items.map((face, i) => (
          <FaceCard
            key={face.id}
            face={face}
            number={i + 1}
            onDelete={async () => {
              await api.DELETE('/api/v1/collections/{id}/persons/{person_id}/faces/{face_id}', {
                params: { path: { ...path, face_id: face.id } },
              });
              await onChanged();
            }}
          />
        ))}
      </ul>
    </Panel>
  );
}

interface FaceCardProps {
  readonly face: EnrolledFace;
  readonly number: number;
  readonly onDelete: () => Promise<void>;
}

function FaceCard({ face, number, onDelete }: FaceCardProps) {
  const { image_id, box, quality, forced, searchable, created_at } = face;
  return (
    <li className={cards.card}>
      <Thumbnail imageId={image_id} box={box} alt={`Face ${number}`} />
      <QualityNote quality={quality} />
      {forced && <Badge tone="warn">taken in spite of it</Badge>}
      {!searchable && <Badge tone="warn">to be read anew</Badge>}
      <span className={cards.small}>
        enrolled <When at={created_at} />
      </span>
      <ConfirmButton action={`Delete face ${number}`} onConfirm={onDelete}>
        <p>
          The person is not found by this face any more. Its photo goes too, unless it is used
          elsewhere.
        </p>
      </ConfirmButton>
    </li>
  );
}
