import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import { useUploadedModels } from '../../api/model-names.ts';

/** Names of the models that find objects: those of the server, then uploaded ones. */
export function useDetectors(): readonly string[] {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/setup', { signal })),
  });
  const uploaded = useUploadedModels();
  const own = (setup.data?.models ?? []).filter((model) => model.task === 'object-detection');
  const others = uploaded.filter((model) => model.task === 'detect' && model.status !== 'archived');
  return [...new Set([...own, ...others].map(({ name }) => name))];
}
