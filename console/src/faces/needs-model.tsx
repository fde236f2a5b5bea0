import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, data } from '../api/client.ts';
import type { Model } from '../api/types.ts';
import { Empty } from '../parts/empty.tsx';

interface NeedsModelProps {
  /** One of them is enough. */
  readonly tasks: readonly Model['task'][];
  /** What is missing, when nothing can do it. */
  readonly title: string;
  /** What to fetch, and under which terms. */
  readonly advice: ReactNode;
  readonly children: ReactNode;
}

/** Shows its children where a model for one of the tasks is in use, else how one comes by it. Who may not ask sees the children. */
export function NeedsModel({ tasks, title, advice, children }: NeedsModelProps) {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/setup', { signal })),
  });
  const able =
    setup.data?.models.some(({ task, active }) => active && tasks.includes(task)) ?? true;
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
      // The starter's model of age and gender also describes whose face it is.
      tasks={['face-embedding', 'face-attributes']}
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
