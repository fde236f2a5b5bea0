import { api, data } from '../../api/client.ts';
import type { AuditEntry } from '../../api/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { When } from '../../parts/when.tsx';

/** Who changed what, newest first. */
export function AuditLog() {
  return (
    <Panel title="Audit log">
      <PagedTable<AuditEntry>
        label="audit log"
        queryKey={['audit-log']}
        keyOf={({ id }) => id}
        refreshMs={10_000}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/audit-log', {
              params: { query: cursor === undefined ? {} : { cursor } },
              signal,
            }),
          )
        }
        empty={<Empty title="Nothing was changed yet" />}
        columns={[
          { title: 'When', cell: ({ at }) => <When at={at} /> },
          { title: 'What', cell: ({ action }) => <code>{action}</code> },
          {
            title: 'Who',
            cell: ({ actor_kind, actor_id }) => `${actor_kind} ${actor_id?.slice(0, 8) ?? ''}`,
          },
          { title: 'To', cell: ({ target }) => <code>{target}</code> },
          { title: 'From', cell: ({ address }) => address },
          { title: 'Details', cell: ({ details }) => <JsonTree value={details} open={0} /> },
        ]}
      />
    </Panel>
  );
}
