import { useQuery } from '@tanstack/react-query';
import { api, data } from '../api/client.ts';

const none: ReadonlyMap<string, string> = new Map();

/** Names of models by id: of the hundred newest, which are those that dashboards mostly speak of. */
export function useModelNames(): ReadonlyMap<string, string> {
  const models = useQuery({
    queryKey: ['model-names'],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/models', { params: { query: { limit: 100 } }, signal })),
    staleTime: 60_000,
    select: ({ items }) => new Map(items.map(({ id, name }) => [id, name])),
  });
  return models.data ?? none;
}
