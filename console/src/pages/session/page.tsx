import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, data } from '../../api/client.ts';
import type { Detection, Session } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Columns } from '../../parts/columns.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { useTextInAddress } from '../../parts/in-address.ts';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { When } from '../../parts/when.tsx';
import { EndSession } from '../sessions/end-session.tsx';
import { SessionBadge } from '../sessions/session-badge.tsx';
import { Detections } from './detections.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { FramePanel } from './frame-panel.tsx';
import { Summary } from './summary.tsx';
import styles from './page.module.css';

/** One session: what it is, what was seen in it, and each frame. */
export function Page(): ReactNode {
  const { id } = useParams({ from: '/sessions/$id' });
  const [frame, setFrame] = useTextInAddress('frame');
  const queries = useQueryClient();
  const show = (detection: Detection): void => {
    queries.setQueryData(frameKey(id, detection.detection_id), detection);
    setFrame(detection.detection_id);
  };
  const session = useQuery({
    queryKey: ['session', id],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/sessions/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === 'ended' ? false : 2_000),
  });
  const live = session.data !== undefined && session.data.status !== 'ended';
  if (session.isPending) return <Waiting label="Loading the session" />;
  return (
    <>
      <PageHead title={titleOf(session.data)} lead="What was seen in its frames, newest first.">
        {live && <EndSession id={id} />}
      </PageHead>
      {session.isError && (
        <ProblemCard error={session.error} onRetry={() => void session.refetch()} />
      )}
      {session.data && (
        <Columns
          main={
            <>
              {frame !== '' && (
                <Frame key={frame} id={id} frame={frame} onClose={() => setFrame('')} />
              )}
              <Detections id={id} live={live} shown={frame} onShow={show} />
            </>
          }
          side={
            <>
              <Facts session={session.data} />
              <Summary id={id} live={live} />
            </>
          }
        />
      )}
    </>
  );
}

interface FrameProps {
  readonly id: string;
  readonly frame: string;
  readonly onClose: () => void;
}

/** The frame that the address names; asked for where the list did not bring it. */
function Frame({ id, frame, onClose }: FrameProps) {
  const detection = useQuery({
    queryKey: frameKey(id, frame),
    queryFn: ({ signal }) => {
      const path = { id, detection_id: frame };
      const call = api.GET('/api/v1/sessions/{id}/detections/{detection_id}', {
        params: { path },
        signal,
      });
      return data(call);
    },
    // What was seen in a frame does not change.
    staleTime: Infinity,
  });
  if (detection.isError)
    return <ProblemCard error={detection.error} onRetry={() => void detection.refetch()} />;
  if (!detection.data) return <Waiting label="Loading the frame" />;
  return <FramePanel detection={detection.data} onClose={onClose} />;
}

function frameKey(id: string, frame: string): readonly string[] {
  return ['session', id, 'frame', frame];
}

function titleOf(session: Session | undefined): string {
  const name = session?.metadata['name'];
  return typeof name === 'string' && name !== '' ? name : 'Session';
}

function Facts({ session }: { readonly session: Session }) {
  const { session_id: id, status, created_at, last_activity, expires_at, metadata } = session;
  const [editing, setEditing] = useState(false);
  const edit = <Button onClick={() => setEditing(true)}>Edit the metadata</Button>;
  return (
    <Panel title="Session" tools={status !== 'ended' && edit}>
      <FactList
        facts={[
          ['Status', <SessionBadge key="status" status={status} />],
          ['Begun', <When key="begun" at={created_at} />],
          ['Last activity', <When key="last" at={last_activity} />],
          ['Expires', status === 'ended' ? undefined : <When key="expires" at={expires_at} />],
          [
            'Id',
            <span key="id">
              <code>{id}</code>
              <CopyButton text={id} label="Copy the session id" />
            </span>,
          ],
        ]}
      />
      {editing && <EditDialog session={session} onClose={() => setEditing(false)} />}
      {Object.keys(metadata).length > 0 && (
        <div className={styles.metadata}>
          <JsonTree name="metadata" value={metadata} />
        </div>
      )}
    </Panel>
  );
}
