import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { Collection } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { count } from '../../parts/quantities.ts';
import { When } from '../../parts/when.tsx';
import { NewCollectionDialog } from './new-collection-dialog.tsx';

/** Collections of people whom the server can find in photos. */
export function Page() {
  const [making, setMaking] = useState(false);
  const make = (
    <Button kind="main" onClick={() => setMaking(true)}>
      Make a collection
    </Button>
  );
  return (
    <>
      <PageHead
        title="People"
        lead="Who can be found in photos. Enrol only people who agreed; deleting forgets them."
      >
        {make}
      </PageHead>
      <Panel title="Collections">
        <PagedTable<Collection>
          label="collections"
          queryKey={['collections', 'list']}
          keyOf={({ id }) => id}
          load={(cursor, signal) =>
            data(
              api.GET('/api/v1/collections', {
                params: { query: cursor === undefined ? {} : { cursor } },
                signal,
              }),
            )
          }
          empty={
            <Empty title="No collection yet">
              <p>A collection holds people who are looked for together: guests, staff, friends.</p>
              <Button onClick={() => setMaking(true)}>Make a collection</Button>
            </Empty>
          }
          columns={[
            {
              title: 'Name',
              cell: ({ id, name, description }) => (
                <>
                  <Link to="/people/$id" params={{ id }}>
                    {name}
                  </Link>
                  <div className="muted">{description}</div>
                </>
              ),
            },
            { title: 'People', number: true, cell: ({ person_count }) => count(person_count) },
            { title: 'Faces', number: true, cell: ({ face_count }) => count(face_count) },
            {
              title: 'Recogniser',
              cell: ({ model, current }) => (
                <>
                  {model?.name ?? 'none yet'}{' '}
                  {model && !current && <Badge tone="warn">not the one in use</Badge>}
                </>
              ),
            },
            { title: 'Changed', cell: ({ updated_at }) => <When at={updated_at} /> },
          ]}
        />
      </Panel>
      {making && <NewCollectionDialog onClose={() => setMaking(false)} />}
    </>
  );
}
