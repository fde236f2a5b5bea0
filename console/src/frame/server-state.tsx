import { useQuery } from '@tanstack/react-query';
import { Badge } from '../parts/badge.tsx';

interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly degraded: readonly string[];
}

/** Whether a request sent now succeeds, every few seconds, and what is missing if not. */
export function ServerState() {
  const { data, isError } = useQuery({
    queryKey: ['ready'],
    // Not ready is an answer too (503), not an error.
    queryFn: async ({ signal }) => (await (await fetch('/health', { signal })).json()) as Readiness,
    refetchInterval: 5_000,
    retry: false,
  });
  if (isError) return <Badge tone="bad">Server unreachable</Badge>;
  if (!data) return null;
  if (!data.ready) return <Badge tone="bad">Not ready: {data.reasons.join(', ')}</Badge>;
  if (data.degraded.length > 0)
    return <Badge tone="warn">Degraded: {data.degraded.join(', ')}</Badge>;
  return <Badge tone="good">Ready</Badge>;
}
