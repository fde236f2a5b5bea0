import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, data } from '../../api/client.ts';
import type { Collection, ReembedJob } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { count } from '../../parts/quantities.ts';
import styles from './page.module.css';

interface RecogniserProps {
  readonly collection: Collection;
  readonly onDone: () => Promise<void>;
}

/** The model by which people are found here, and making its vectors anew: needed when another one is in use. */
export function Recogniser({ collection, onDone }: RecogniserProps) {
  const { id, model, current, face_count, threshold, reembed_id } = collection;
  const queries = useQueryClient();
  const job = useReembedJob(id, reembed_id !== null);
  const start = useMutation({
    mutationFn: () =>
      data(api.POST('/api/v1/collections/{id}/reembed', { params: { path: { id } } })),
    onSuccess: (begun) => queries.setQueryData(reembedKey(id), begun),
  });
  const running = job.data !== undefined && isRunning(job.data);
  const ended = job.data?.finished_at;
  useEffect(() => {
    if (typeof ended === 'string') void onDone();
    // Once per job that ends.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [ended]);
  if (model === null) return null;
  return (
    <Panel
      title="Recogniser"
      tools={
        <Button
          kind={current ? 'plain' : 'main'}
          busy={start.isPending || running}
          onClick={() => start.mutate()}
        >
          Read faces anew
        </Button>
      }
    >
      <div className={styles.recogniser}>
        {!current && (
          <p role="alert" className={styles.stale}>
            These faces were enrolled with {model.name}, which is not in use. Nobody is found before
            they are read anew.
          </p>
        )}
        {start.isError && <ProblemCard error={start.error} />}
        {job.isError && <ProblemCard error={job.error} onRetry={() => void job.refetch()} />}
        {job.data && <Progress job={job.data} />}
        <FactList
          facts={[
            ['Model', `${model.name} ${model.version}`],
            ['Faces', count(face_count)],
            ['Threshold', threshold === null ? 'the model’s own' : threshold.toFixed(2)],
          ]}
        />
      </div>
    </Panel>
  );
}

function Progress({ job }: { readonly job: ReembedJob }) {
  const { state, faces_total: total, faces_done: done, faces_failed: failed, error } = job;
  return (
    <div className={styles.progress}>
      {isRunning(job) && (
        <progress max={Math.max(1, total)} value={done} aria-label="Faces read anew" />
      )}
      <output>
        {state === 'done' && <Badge tone="good">done</Badge>}
        {state === 'failed' && <Badge tone="bad">failed</Badge>}{' '}
        {state === 'done' && total === 0
          ? 'every face is of this model already'
          : `${count(done)} of ${total === 1 ? '1 face' : `${count(total)} faces`} read anew`}
      </output>
      {failed > 0 && (
        <p className="muted">
          {count(failed)} could not be: the photo is gone, or no face was found in it again. Nobody
          is found by {failed === 1 ? 'it' : 'them'} any more.
        </p>
      )}
      {error && (
        <p role="alert">
          <code>{error.code}</code> {error.message}
        </p>
      )}
    </div>
  );
}

/** The newest job, followed while it runs; not asked for before there is one. */
function useReembedJob(id: string, underWay: boolean) {
  return useQuery({
    queryKey: reembedKey(id),
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/collections/{id}/reembed', { params: { path: { id } }, signal })),
    enabled: ({ state }) => underWay || (state.data !== undefined && isRunning(state.data)),
    refetchInterval: ({ state }) => (state.data && !isRunning(state.data) ? false : 1_000),
  });
}

function isRunning({ state }: ReembedJob): boolean {
  return state === 'queued' || state === 'running';
}

function reembedKey(id: string): readonly string[] {
  return ['reembed', id];
}
