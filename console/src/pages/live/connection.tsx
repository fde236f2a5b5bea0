import { Link } from '@tanstack/react-router';
import { Panel } from '../../parts/panel.tsx';
import { ShortId } from '../../parts/short-id.tsx';
import type { LiveState } from './live-run.ts';
import styles from './connection.module.css';

/** What happened to the connection, and where the session is. */
export function Connection({ state: { events, sessionId } }: { readonly state: LiveState }) {
  return (
    <Panel title="Connection">
      <ol className={styles.events}>
        {events.map(({ at, text }) => (
          <li key={`${at.getTime()} ${text}`}>
            <time dateTime={at.toISOString()}>{at.toLocaleTimeString()}</time>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {sessionId !== undefined && (
        <p>
          Session{' '}
          <Link to="/sessions/$id" params={{ id: sessionId }}>
            <ShortId id={sessionId} />
          </Link>
        </p>
      )}
    </Panel>
  );
}
