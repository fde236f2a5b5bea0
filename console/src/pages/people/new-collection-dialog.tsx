import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './people.module.css';

/** Asks for a name, and for a threshold where the recogniser has none, and goes to the collection. */
export function NewCollectionDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [threshold, setThreshold] = useState('');
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/collections', {
          body: {
            name,
            description,
            ...(threshold === '' ? {} : { threshold: Number(threshold) }),
          },
        }),
      ),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['collections'] });
      await navigate({ to: '/people/$id', params: { id } });
    },
  });
  return (
    <Dialog title="Make a collection" onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Field
          label="Name"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label="Description"
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
          hint="Who is in it, and why they may be looked for."
        />
        <Field
          label="Threshold"
          type="number"
          min={-1}
          max={1}
          step={0.01}
          value={threshold}
          onChange={(event) => setThreshold(event.target.value)}
          hint="Least similarity, -1 to 1. Empty: the recogniser’s own."
        />
        {make.isError && <ProblemCard error={make.error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={make.isPending}>
            Make it
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
