import { Link } from '@tanstack/react-router';
import { useMe, useSignedIn } from '../../frame/access.ts';
import { Empty } from '../../parts/empty.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { ApiKeys } from './api-keys.tsx';
import { AuditLog } from './audit-log.tsx';
import { Invites } from './invites.tsx';
import { Password } from './password.tsx';
import { Users } from './users.tsx';

/** Keys and password of one's own; for administrators also accounts, invites, and who changed what. */
export function Page() {
  const present = useSignedIn();
  const me = useMe();
  return (
    <>
      <PageHead
        title="Access"
        lead="Who may use this server, with which keys, and who changed what."
      />
      {!present && (
        <Empty title="Keys and accounts belong to somebody">
          <p>Sign in to make API keys, and, as an administrator, to look after accounts.</p>
          <Link to="/sign-in">Sign in</Link>
        </Empty>
      )}
      {present && me.isError && <ProblemCard error={me.error} onRetry={() => void me.refetch()} />}
      {present && me.isPending && <Waiting label="Asking who you are" />}
      {present && me.data && (
        <Tabs
          label="Access"
          addressKey="tab"
          tabs={[
            { title: 'API keys', content: <ApiKeys /> },
            ...(me.data.role === 'admin'
              ? [
                  { title: 'Users', content: <Users self={me.data.id} /> },
                  { title: 'Invites', content: <Invites /> },
                  { title: 'Audit log', content: <AuditLog /> },
                ]
              : []),
            { title: 'Password', content: <Password /> },
          ]}
        />
      )}
    </>
  );
}
