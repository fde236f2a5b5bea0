import { useQuery } from '@tanstack/react-query';
import { send } from '../api/client.ts';
import { useAddress } from './use-address.ts';

export interface Picture {
  /** Of the bytes in this page; `undefined` until they are here. */
  readonly address: string | undefined;
  readonly error: unknown;
}

/** An image of the API for an `<img>`, which cannot say who asks. Its bytes are forgotten a minute after it was last shown. */
export function usePicture(path: string | undefined): Picture {
  const { data, error } = useQuery({
    queryKey: ['picture', path],
    queryFn: async ({ signal }) => await (await send(path ?? '', { signal })).blob(),
    enabled: path !== undefined,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  return { address: useAddress(data), error };
}
