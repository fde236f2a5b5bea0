import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, data, send } from '../../api/client.ts';
import type { Identification } from '../../api/types.ts';
import { FacePhotoPanel } from '../../faces/face-photo.tsx';
import { askedOf, sameAsked, type Asked } from '../../faces/same-photos.ts';
import { SimilarityScale } from '../../faces/similarity-scale.tsx';
import { useFacePhoto } from '../../faces/use-face-photo.ts';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Empty } from '../../parts/empty.tsx';
import { useTextInAddress } from '../../parts/in-address.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import styles from './page.module.css';

/** Who of a collection is in a photo. */
export function Identify() {
  const photo = useFacePhoto();
  const [chosen, setChosen] = useTextInAddress('collection');
  const collections = useQuery({
    queryKey: ['collections', 'names'],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/collections', { params: { query: { limit: 100 } }, signal })),
  });
  const identify = useMutation({
    mutationFn: async ({ collection }: { readonly collection: string; readonly asked: Asked }) => {
      const form = new FormData();
      form.set('face', String(photo.chosen));
      if (photo.file) form.set('file', photo.file);
      const path = `/api/v1/collections/${collection}/identify`;
      const answer = await send(path, { method: 'POST', body: form });
      return (await answer.json()) as Identification;
    },
  });
  if (collections.isError)
    return <ProblemCard error={collections.error} onRetry={() => void collections.refetch()} />;
  if (!collections.data) return <Waiting label="Asking for your collections" />;
  const [first] = collections.data.items;
  if (!first)
    return (
      <Empty title="There is nobody to find">
        <p>Make a collection, and enrol the people in it who agreed.</p>
        <Link to="/people">Go to People</Link>
      </Empty>
    );
  const collection = collections.data.items.some(({ id }) => id === chosen) ? chosen : first.id;
  const asked = [...askedOf(photo), collection];
  const answered = sameAsked(identify.variables?.asked, asked);
  return (
    <div className={styles.page}>
      <div className={styles.pair}>
        <FacePhotoPanel title="The photo" photo={photo} />
        <Panel title="Who is it?">
          <div className={styles.result}>
            <div className={styles.tools}>
              <Choice
                label="Collection"
                value={collection}
                options={collections.data.items.map(({ id, name, person_count }) => ({
                  value: id,
                  label: `${name} (${person_count})`,
                }))}
                onChange={setChosen}
              />
              <Button
                kind="main"
                disabled={photo.faces.length === 0}
                busy={identify.isPending}
                onClick={() => identify.mutate({ collection, asked })}
              >
                Identify
              </Button>
            </div>
            {answered && identify.isError && <ProblemCard error={identify.error} />}
            {answered && identify.data && (
              <Matches identification={identify.data} collection={collection} />
            )}
          </div>
        </Panel>
      </div>
    </div>
  );
}

interface MatchesProps {
  readonly identification: Identification;
  readonly collection: string;
}

function Matches({ identification: { images, threshold }, collection }: MatchesProps) {
  const matches = images.flatMap(({ faces }) => faces.flatMap((face) => face.matches));
  if (matches.length === 0)
    return (
      <output>
        Nobody of this collection is similar enough. The threshold is {threshold.toFixed(2)}.
      </output>
    );
  return (
    <>
      <p className="muted">The line is the threshold, {threshold.toFixed(2)}. Best first.</p>
      <ol className={styles.matches} aria-label="Matches">
        {matches.map(({ person_id, person_name, similarity }) => (
          <li key={person_id} className={styles.match}>
            <Link to="/people/$id/$person" params={{ id: collection, person: person_id }}>
              {person_name}
            </Link>
            <SimilarityScale similarity={similarity} threshold={threshold} />
            <span className={styles.number}>{similarity.toFixed(2)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
