import { useQuery } from '@tanstack/react-query';
import { send } from '../../api/client.ts';
import { parsePrometheus } from '../../api/prometheus.ts';
import type { Scrape } from './metrics-series.ts';

/** How long scrapes are kept. */
export const keptSeconds = 300;
const everyMs = 3_000;

/** What `/metrics` says every few seconds, of the last five minutes, oldest first. The page gathers them: the server keeps none. */
export function useMetrics() {
  return useQuery<readonly Scrape[]>({
    queryKey: ['metrics'],
    queryFn: async ({ signal, client, queryKey }) => {
      const text = await (await send('/metrics', { signal })).text();
      const at = Date.now() / 1000;
      const before = client.getQueryData<readonly Scrape[]>(queryKey) ?? [];
      return [
        ...before.filter((scrape) => scrape.at > at - keptSeconds - 10),
        { at, samples: parsePrometheus(text) },
      ];
    },
    // Samples are plain data, but there are thousands: comparing each with the one before costs more than it saves.
    structuralSharing: false,
    refetchInterval: everyMs,
    gcTime: keptSeconds * 1000,
  });
}
