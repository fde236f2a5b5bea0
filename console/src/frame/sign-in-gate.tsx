import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty } from '../parts/empty.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { useAccess, useSignedIn } from './access.ts';

/** Shows a page to who may see it: anybody on an open server, else who has signed in. */
export function SignInGate({ children }: { readonly children: ReactNode }) {
  const access = useAccess();
  const present = useSignedIn();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  if (present || path.endsWith('/sign-in') || access.data?.accounts_required === false)
    return children;
  if (access.isError)
    return <ProblemCard error={access.error} onRetry={() => void access.refetch()} />;
  if (!access.data) return <Waiting label="Asking the server how one comes in" />;
  const first = access.data.awaits_first_account === true;
  return (
    <Empty whole title={first ? 'This server has no account yet' : 'Sign in to go on'}>
      <p>
        {first
          ? 'The first account is the administrator’s. Make it before anybody else does.'
          : 'This server asks everybody who they are.'}
      </p>
      <Link to="/sign-in">{first ? 'Make the first account' : 'Sign in'}</Link>
    </Empty>
  );
}
