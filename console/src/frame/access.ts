import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, data } from '../api/client.ts';
import { onLogin, signedIn } from '../api/login.ts';

/** How one comes into this server, asked once. */
export function useAccess() {
  return useQuery({
    queryKey: ['access'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/auth/access', { signal })),
    staleTime: 60_000,
  });
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(onLogin, signedIn);
}

/** Whether what only administrators may do is offered: without accounts everybody may. */
export function useMayAdminister(): boolean {
  const present = useSignedIn();
  const access = useAccess();
  const me = useMe();
  return present ? me.data?.role === 'admin' : access.data?.accounts_required === false;
}

/** Who is signed in, and what they may do; nothing is asked while nobody is. */
export function useMe() {
  const present = useSignedIn();
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => data(api.GET('/api/v1/auth/me', { signal })),
    enabled: present,
    staleTime: 60_000,
  });
}
