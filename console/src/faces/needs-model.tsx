import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, data } from '../api/client.ts';
import type { Model } from '../api/types.ts';
import { Empty } from '../parts/empty.tsx';

interface NeedsModelProps {
  readonly task: Model['task'];
  /** What is missing, when nothing can do it. */
  readonly title: string;
  /** What to fetch, and under which terms. */
  readonly advice: ReactNode;
  readonly children: ReactNode;
}

/** Shows its children where a model for the task is in use, else how one comes by it. Who may not ask sees the children. */
export function NeedsModel({ task, title, advice, children }: NeedsModelProps) {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/setup', { signal })),
  });
  const able = setup.data?.models.some((model) => model.task === task && model.active) ?? true;
  if (able) return children;
  return (
    <Empty title={title}>
      <p>{advice}</p>
      <p>The licence of these packs allows non-commercial research only. It is shown first.</p>
      <Link to="/models">Go to Models</Link>
    </Empty>
  );
}

/** What verifying, identifying and enrolling need. */
export function NeedsRecogniser({ children }: Pick<NeedsModelProps, 'children'>) {
  return (
    <NeedsModel
      task="face-embedding"
      title="No recogniser is installed"
      advice={
        <>
          Fetch a pack of face models, such as <code>buffalo_l</code>, and start the server with{' '}
          <code>FOVEA_FACE_PACK=buffalo_l</code>.
        </>
      }
    >
      {children}
    </NeedsModel>
  );
}
