import type { SessionDetector } from './session-detector.ts';
import type { SessionHistory } from './session-history.ts';
import type { Sessions } from './sessions.ts';
import type { StreamCount } from './stream-count.ts';

/** All there is to sessions, for whoever offers it to people. */
export interface FrameSessions {
  readonly sessions: Sessions;
  readonly detector: SessionDetector;
  readonly history: SessionHistory;
  readonly streams: StreamCount;
  /** Milliseconds after which a silent stream is closed. */
  readonly idleMs: number;
}
