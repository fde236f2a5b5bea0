import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api, data } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { MetadataFields, metadataIn, noObject } from './metadata-fields.tsx';
import styles from './begin-dialog.module.css';

/** Begins a session and goes to it. */
export function BeginDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [mistake, setMistake] = useState<string>();
  const begin = useMutation({
    mutationFn: (body: { metadata: Record<string, unknown>; ttl_seconds: number }) =>
      data(api.POST('/api/v1/sessions', { body })),
    onSuccess: async ({ session_id: id }) => {
      await queries.invalidateQueries({ queryKey: ['sessions'] });
      onClose();
      await navigate({ to: '/sessions/$id', params: { id } });
    },
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const metadata = metadataIn(form);
    setMistake(metadata === undefined ? noObject : undefined);
    if (metadata) begin.mutate({ metadata, ttl_seconds: Number(form.get('minutes')) * 60 });
  };
  return (
    <Dialog title="Begin a session" onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <MetadataFields mistake={mistake} />
        <Field
          label="Minutes without a frame until it expires"
          name="minutes"
          type="number"
          min={1}
          max={1440}
          required
          defaultValue={60}
        />
        {begin.isError && <ProblemCard error={begin.error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={begin.isPending}>
            Begin
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
