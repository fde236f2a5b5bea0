import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, data } from '../../api/client.ts';
import type { Session } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from '../sessions/begin-dialog.module.css';
import { MetadataFields, metadataIn, noObject } from '../sessions/metadata-fields.tsx';

interface EditDialogProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** Changes what is remembered with a session. */
export function EditDialog({ session, onClose }: EditDialogProps) {
  const { session_id: id, metadata: before } = session;
  const queries = useQueryClient();
  const [mistake, setMistake] = useState<string>();
  const change = useMutation({
    mutationFn: (metadata: Record<string, unknown>) =>
      data(api.PATCH('/api/v1/sessions/{id}', { params: { path: { id } }, body: { metadata } })),
    onSuccess: async (changed) => {
      queries.setQueryData(['session', id], changed);
      await queries.invalidateQueries({ queryKey: ['sessions'] });
      onClose();
    },
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const metadata = metadataIn(new FormData(event.currentTarget));
    setMistake(metadata === undefined ? noObject : undefined);
    if (metadata) change.mutate(metadata);
  };
  return (
    <Dialog title="Edit the metadata" onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <MetadataFields metadata={before} mistake={mistake} />
        {change.isError && <ProblemCard error={change.error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={change.isPending}>
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
