import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { Session } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Filters } from '../../parts/filters.tsx';
import { useChoiceInAddress } from '../../parts/in-address.ts';
import { PagedTable } from '../../parts/paged-table.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { count } from '../../parts/quantities.ts';
import { ShortId } from '../../parts/short-id.tsx';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { BeginDialog } from './begin-dialog.tsx';
import { EndSession } from './end-session.tsx';
import { metadataText } from './metadata-text.ts';
import { SessionBadge } from './session-badge.tsx';

const states = [
  { value: '', label: 'All' },
  { value: 'created', label: 'Created, no frame yet' },
  { value: 'active', label: 'Active' },
  { value: 'ended', label: 'Ended' },
] as const;
type State = (typeof states)[number]['value'];

const columns: readonly Column<Session>[] = [
  {
    title: 'Session',
    cell: ({ session_id: id, metadata: { name, ...rest } }) => (
      <>
        <Link to="/sessions/$id" params={{ id }}>
          {typeof name === 'string' && name !== '' ? name : <ShortId id={id} />}
        </Link>
        <div className="muted">{metadataText(rest)}</div>
      </>
    ),
  },
  { title: 'Status', cell: ({ status }) => <SessionBadge status={status} /> },
  { title: 'Frames', cell: ({ detection_count }) => count(detection_count), number: true },
  { title: 'Last activity', cell: ({ last_activity }) => <When at={last_activity} /> },
  {
    title: 'Expires',
    cell: ({ status, expires_at }) => (status === 'ended' ? '' : <When at={expires_at} />),
  },
  {
    title: 'Action',
    quiet: true,
    cell: ({ status, session_id: id }) => (status === 'ended' ? null : <EndSession id={id} />),
  },
];

/** Every session that has not expired, live. */
export function Page() {
  const [beginning, setBeginning] = useState(false);
  const [status, setStatus] = useChoiceInAddress('status', states, '');
  return (
    <>
      <PageHead
        title="Sessions"
        lead="A session holds the frames of one camera together: things keep their ids from frame to frame."
      >
        <Button kind="main" onClick={() => setBeginning(true)}>
          Begin a session
        </Button>
      </PageHead>
      <Panel title="Sessions now">
        <Filters>
          <Choice label="Status" value={status} options={states} onChange={setStatus} />
        </Filters>
        <PagedTable
          label="sessions"
          columns={columns}
          keyOf={({ session_id }) => session_id}
          queryKey={['sessions', status]}
          refreshMs={2_000}
          load={(cursor, signal) => loadSessions(status, cursor, signal)}
          empty={<NoSession status={status} onBegin={() => setBeginning(true)} />}
        />
      </Panel>
      {beginning && <BeginDialog onClose={() => setBeginning(false)} />}
    </>
  );
}

function NoSession({ status, onBegin }: { readonly status: State; readonly onBegin: () => void }) {
  if (status !== '')
    return (
      <Empty title="No such session">
        <p>No session has this status now.</p>
      </Empty>
    );
  return (
    <Empty title="No session now">
      <p>
        Begin one and send it frames, or <Link to="/live">go live</Link> with a camera or a video.
      </p>
      <Button onClick={onBegin}>Begin a session</Button>
    </Empty>
  );
}

async function loadSessions(status: State, cursor: string | undefined, signal: AbortSignal) {
  const query = {
    ...(status === '' ? {} : { status }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return await data(api.GET('/api/v1/sessions', { params: { query }, signal }));
}
