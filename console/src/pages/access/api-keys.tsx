import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { ApiKey } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { When } from '../../parts/when.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';

/** One's keys: made, shown once, revoked. */
export function ApiKeys() {
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const changed = () => queries.invalidateQueries({ queryKey: ['api-keys'] });
  const make = (
    <Button kind="main" onClick={() => setMaking(true)}>
      Make a key
    </Button>
  );
  return (
    <Panel title="API keys" tools={make}>
      <PagedTable<ApiKey>
        label="API keys"
        queryKey={['api-keys']}
        keyOf={({ id }) => id}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/api-keys', {
              params: { query: cursor === undefined ? {} : { cursor } },
              signal,
            }),
          )
        }
        empty={
          <Empty title="No key yet">
            <p>A key lets a program in, with no more rights than it needs.</p>
          </Empty>
        }
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Begins with', cell: ({ prefix }) => <code>{prefix}…</code> },
          { title: 'Scopes', cell: ({ scopes }) => scopes.join(', ') },
          { title: 'Last used', cell: ({ last_used_at }) => <When at={last_used_at} /> },
          { title: 'Expires', cell: ({ expires_at }) => <When at={expires_at} /> },
          {
            title: 'State',
            cell: ({ id, revoked_at, name }) =>
              revoked_at !== null ? (
                <Badge tone="bad">revoked</Badge>
              ) : (
                <ConfirmButton
                  action={`Revoke ${name}`}
                  onConfirm={async () => {
                    await api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } });
                    await changed();
                  }}
                >
                  <p>Programs that use it are refused within seconds. It cannot be undone.</p>
                </ConfirmButton>
              ),
          },
        ]}
      />
      {making && (
        <NewKeyDialog
          onClose={() => {
            setMaking(false);
            void changed();
          }}
        />
      )}
    </Panel>
  );
}
