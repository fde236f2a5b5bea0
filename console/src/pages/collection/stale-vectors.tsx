import { useMutation } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './page.module.css';

interface StaleVectorsProps {
  readonly id: string;
  /** The recogniser that made them. */
  readonly model: string;
  readonly onDone: () => Promise<void>;
}

/** The collection was made with another recogniser than the one in use: nobody is found in it until its vectors are made anew. */
export function StaleVectors({ id, model, onDone }: StaleVectorsProps) {
  const renew = useMutation({
    mutationFn: () =>
      data(api.POST('/api/v1/collections/{id}/reembed', { params: { path: { id } } })),
    onSuccess: onDone,
  });
  return (
    <>
      <div className={styles.stale}>
        <p>
          These faces were enrolled with {model}, which is not in use. Nobody is found before they
          are read anew.
        </p>
        <Button busy={renew.isPending} disabled={renew.isSuccess} onClick={() => renew.mutate()}>
          {renew.isSuccess ? 'Under way' : 'Read them anew'}
        </Button>
      </div>
      {renew.isError && <ProblemCard error={renew.error} />}
    </>
  );
}
