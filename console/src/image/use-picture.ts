import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { send } from '../api/client.ts';

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
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!data) return undefined;
    const made = URL.createObjectURL(data);
    // oxlint-disable-next-line react/set-state-in-effect -- what an effect made, its end can give back.
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [data]);
  return { address, error };
}
