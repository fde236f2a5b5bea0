import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { Invite, Role } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Code } from '../../parts/code.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { When } from '../../parts/when.tsx';
import styles from './forms.module.css';

const roles = [
  { value: 'member', label: 'Member' },
  { value: 'viewer', label: 'Viewer: may only read' },
  { value: 'admin', label: 'Administrator' },
] as const;

/** Codes that let one person make one account. */
export function Invites() {
  const queries = useQueryClient();
  const [role, setRole] = useState<Role>('member');
  const changed = () => queries.invalidateQueries({ queryKey: ['invites'] });
  const make = useMutation({
    mutationFn: () => data(api.POST('/api/v1/invites', { body: { role, expires_in: 7 * 86_400 } })),
    onSuccess: changed,
  });
  return (
    <Panel title="Invites">
      <div className={styles.inline}>
        <Choice label="Role" value={role} options={roles} onChange={setRole} />
        <Button kind="main" busy={make.isPending} onClick={() => make.mutate()}>
          Make an invite
        </Button>
      </div>
      {make.isError && <ProblemCard error={make.error} />}
      {make.data && (
        <>
          <p>Send this code; it is good for one account within 7 days, and is not shown again.</p>
          <Code text={make.data.code} label="the invite code" />
        </>
      )}
      <PagedTable<Invite>
        label="invites"
        queryKey={['invites']}
        keyOf={({ id }) => id}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/invites', {
              params: { query: cursor === undefined ? {} : { cursor } },
              signal,
            }),
          )
        }
        empty={<Empty title="No invite yet" />}
        columns={[
          { title: 'Role', cell: (invite) => invite.role },
          { title: 'Made', cell: ({ created_at }) => <When at={created_at} /> },
          { title: 'Expires', cell: ({ expires_at }) => <When at={expires_at} /> },
          { title: 'State', cell: (invite) => <InviteState invite={invite} /> },
          {
            title: 'Change',
            cell: ({ id, used_at }) =>
              used_at === null && (
                <ConfirmButton
                  action="Withdraw"
                  onConfirm={async () => {
                    await api.DELETE('/api/v1/invites/{id}', { params: { path: { id } } });
                    await changed();
                  }}
                >
                  <p>The code is good for nothing then.</p>
                </ConfirmButton>
              ),
          },
        ]}
      />
    </Panel>
  );
}

function InviteState({ invite: { used_at, expires_at } }: { readonly invite: Invite }) {
  const [now] = useState(() => new Date());
  if (used_at !== null) return <Badge>used</Badge>;
  if (new Date(expires_at) < now) return <Badge tone="warn">expired</Badge>;
  return <Badge tone="good">open</Badge>;
}
