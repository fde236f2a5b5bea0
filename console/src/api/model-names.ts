import { useQuery } from '@tanstack/react-query';
import { api, data } from './client.ts';
import type { ModelVersion } from './types.ts';

/** The newest uploaded models, archived ones last; at most a hundred of each. */
export function useUploadedModels(): readonly ModelVersion[] {
  const models = useQuery({
    queryKey: ['models', 'every'],
    queryFn: async ({ signal }) => {
      const list = async (query: { status?: 'archived' }) =>
        (
          await data(
            api.GET('/api/v1/models', { params: { query: { ...query, limit: 100 } }, signal }),
          )
        ).items;
      return (await Promise.all([list({}), list({ status: 'archived' })])).flat();
    },
    staleTime: 5_000,
    refetchInterval: 15_000,
  });
  return models.data ?? [];
}

/** The name of a model by its id; the end of the id when the model is not known here. */
export function nameOfModel(models: readonly ModelVersion[], id: string): string {
  return models.find((model) => model.id === id)?.name ?? `…${id.slice(-8)}`;
}
