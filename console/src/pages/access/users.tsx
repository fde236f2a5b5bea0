import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { Role, User } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { When } from '../../parts/when.tsx';
import styles from './users.module.css';

const roles: readonly Role[] = ['admin', 'member', 'viewer'];

interface Change {
  readonly id: string;
  readonly body: { readonly role?: Role; readonly disabled?: boolean };
}

/** Every account: its role, and whether it may come in. */
export function Users({ self }: { readonly self: string }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: ({ id, body }: Change) =>
      api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <Panel title="Users">
      {change.isError && <ProblemCard error={change.error} />}
      <PagedTable<User>
        label="users"
        queryKey={['users']}
        keyOf={({ id }) => id}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/users', {
              params: { query: cursor === undefined ? {} : { cursor } },
              signal,
            }),
          )
        }
        empty={<p className="muted">There is no account.</p>}
        columns={[
          {
            title: 'Account',
            cell: ({ id, email }) => (
              <>
                {email} {id === self && <span className="muted">(you)</span>}
              </>
            ),
          },
          {
            title: 'Role',
            cell: ({ id, role, email }) => (
              <select
                className={styles.role}
                aria-label={`Role of ${email}`}
                value={role}
                onChange={(event) => {
                  const next = roles.find((one) => one === event.target.value);
                  if (next) change.mutate({ id, body: { role: next } });
                }}
              >
                {roles.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            ),
          },
          { title: 'Since', cell: ({ created_at }) => <When at={created_at} /> },
          { title: 'Last login', cell: ({ last_login_at }) => <When at={last_login_at} /> },
          {
            title: 'State',
            cell: ({ disabled }) =>
              disabled ? <Badge tone="bad">disabled</Badge> : <Badge tone="good">active</Badge>,
          },
          {
            title: 'Change',
            cell: ({ id, disabled, email }) =>
              id === self ? null : (
                <Button
                  aria-label={`${disabled ? 'Enable' : 'Disable'} ${email}`}
                  onClick={() => change.mutate({ id, body: { disabled: !disabled } })}
                >
                  {disabled ? 'Enable' : 'Disable'}
                </Button>
              ),
          },
        ]}
      />
    </Panel>
  );
}
