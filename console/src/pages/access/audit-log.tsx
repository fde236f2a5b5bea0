import { api, data } from '../../api/client.ts';
import type { AuditEntry } from '../../api/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Filters } from '../../parts/filters.tsx';
import { useTypedInAddress } from '../../parts/in-address.ts';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { When } from '../../parts/when.tsx';

/** Who changed what, newest first. */
export function AuditLog() {
  const action = useTypedInAddress('action');
  const target = useTypedInAddress('target');
  const filter = {
    ...(action.text === '' ? {} : { action: action.text }),
    ...(target.text === '' ? {} : { target: target.text }),
  };
  const filtered = Object.keys(filter).length > 0;
  return (
    <Panel title="Audit log">
      <Filters>
        <Field
          label="What"
          placeholder="such as api_key.create"
          value={action.typed}
          onChange={(event) => action.type(event.target.value)}
        />
        <Field
          label="To"
          placeholder="an id"
          value={target.typed}
          onChange={(event) => target.type(event.target.value)}
        />
      </Filters>
      <PagedTable<AuditEntry>
        label="audit log"
        queryKey={['audit-log', filter]}
        keyOf={({ id }) => id}
        refreshMs={10_000}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/audit-log', {
              params: { query: { ...filter, ...(cursor === undefined ? {} : { cursor }) } },
              signal,
            }),
          )
        }
        empty={<Empty title={filtered ? 'No such change' : 'Nothing was changed yet'} />}
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
