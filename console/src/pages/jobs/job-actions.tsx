import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, send } from '../../api/client.ts';
import { save } from '../../api/save.ts';
import type { Job } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './job-state.module.css';

/** What one can do with a job: stop it while it goes; take its result, or delete it, when it is over. */
export function JobActions({ job: { job_id: id, state, format } }: { readonly job: Job }) {
  const queries = useQueryClient();
  const params = { path: { id } };
  const changed = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['jobs'] });
  const download = useMutation({
    mutationFn: async () =>
      save(await (await send(`/api/v1/jobs/${id}/result`)).blob(), `${id}.${format}`),
  });
  const cancel = async (): Promise<void> => {
    await api.POST('/api/v1/jobs/{id}/cancel', { params });
    await changed();
  };
  const remove = async (): Promise<void> => {
    await api.DELETE('/api/v1/jobs/{id}', { params });
    await changed();
  };
  if (state === 'queued' || state === 'running')
    return (
      <ConfirmButton action="Cancel job" onConfirm={cancel}>
        <p>It stops after the rows it is at. What is done can be downloaded.</p>
      </ConfirmButton>
    );
  return (
    <div className={styles.actions}>
      <Button busy={download.isPending} onClick={() => download.mutate()}>
        Download
      </Button>
      <ConfirmButton action="Delete job" onConfirm={remove}>
        <p>Its file and its result are deleted. This cannot be undone.</p>
      </ConfirmButton>
      {download.isError && <ProblemCard error={download.error} />}
    </div>
  );
}
