import { Video } from 'lucide-react';
import type { RefObject } from 'react';
import { Badge } from '../../parts/badge.tsx';
import { LiveOverlay } from './live-overlay.tsx';
import type { LiveState } from './live-run.ts';
import styles from './stage.module.css';

interface StageProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly state: LiveState | undefined;
}

const words: Readonly<Record<LiveState['phase'], string>> = {
  starting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost',
  stopping: 'Ending the session…',
  over: 'Over',
};

/** The video, and what was found in it. */
export function Stage({ video, state }: StageProps) {
  const running = state !== undefined && state.phase !== 'over';
  const degraded = state?.result?.degraded.includes('model') === true;
  return (
    <div className={styles.stage} data-running={running}>
      <video
        ref={video}
        className={styles.video}
        aria-label="The picture that is looked at"
        playsInline
        muted
      />
      {/* Boxes of a connection that is gone would lie about the picture of now. */}
      {state?.phase === 'live' && state.result && <LiveOverlay result={state.result} />}
      {running && (
        <div className={styles.badges}>
          <Badge tone={state.phase === 'live' ? 'good' : 'warn'}>{words[state.phase]}</Badge>
          {degraded && <Badge tone="warn">No model can look at it</Badge>}
        </div>
      )}
      {!running && (
        <div className={styles.idle}>
          <Video size={34} aria-hidden />
          <p>
            {state
              ? 'The session is over. Start begins another one.'
              : 'Choose where the picture comes from, then start.'}
          </p>
        </div>
      )}
    </div>
  );
}
