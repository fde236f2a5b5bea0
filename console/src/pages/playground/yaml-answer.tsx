import { useQuery } from '@tanstack/react-query';
import { perform, type Call } from '../../api/call.ts';
import { Code } from '../../parts/code.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';

/** The same call again, answered as YAML by the server. */
export function YamlAnswer({ call }: { readonly call: Call }) {
  const { wipe_cache: _, ...json } = call.json ?? {};
  const yaml = useQuery({
    queryKey: ['yaml', call.path, json],
    queryFn: async ({ signal }) => {
      const answered = await perform({ ...call, json, accept: 'application/yaml' }, signal);
      if (answered.problem) throw answered.problem;
      return answered.text;
    },
    staleTime: Infinity,
  });
  if (yaml.isError) return <ProblemCard error={yaml.error} onRetry={() => void yaml.refetch()} />;
  if (yaml.data === undefined) return <Waiting label="Asking for YAML" />;
  return <Code text={yaml.data} label="the answer as YAML" />;
}
