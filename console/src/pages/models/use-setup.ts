import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, data } from '../../api/client.ts';
import { followEvents } from '../../api/event-stream.ts';
import type { SetupStatus } from '../../api/types.ts';

const queryKey = ['setup'] as const;

/** What an event of the stream carries: the state of the run, and the models that changed. */
type SetupChange = Pick<SetupStatus, 'state' | 'models'>;

/** The server's models and packs, kept up to date by its event stream; `lost` says why it is not heard now. */
export function useSetup() {
  const queries = useQueryClient();
  const [lost, setLost] = useState<unknown>();
  const setup = useQuery({
    queryKey,
    queryFn: ({ signal }) => data(api.GET('/api/v1/setup', { signal })),
  });
  const known = setup.data !== undefined;
  useEffect(() => {
    if (!known) return undefined;
    const leave = new AbortController();
    void followEvents(
      '/api/v1/setup/events',
      (event) => takeIn(queries, JSON.parse(event.data) as SetupChange),
      setLost,
      leave.signal,
    );
    return () => leave.abort();
  }, [queries, known]);
  return { setup, lost };
}

/** Puts a change into what is known. Packs are asked for anew when files may have come. */
function takeIn(queries: QueryClient, change: SetupChange): void {
  const before = queries.getQueryData<SetupStatus>(queryKey);
  if (!before) return;
  const changed = new Map(change.models.map((model) => [model.name, model]));
  const models = before.models.map((model) => changed.get(model.name) ?? model);
  const known = new Set(before.models.map(({ name }) => name));
  queries.setQueryData<SetupStatus>(queryKey, {
    ...before,
    state: change.state,
    models: [...models, ...change.models.filter(({ name }) => !known.has(name))],
  });
  if (change.state !== before.state) void queries.invalidateQueries({ queryKey });
}
