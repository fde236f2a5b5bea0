import { Counter, Gauge, type Registry } from 'prom-client';

/** What the metrics of sessions look at when somebody asks. */
export interface SessionSources {
  /** Sessions that are neither ended nor expired, of all servers on the same store; some seconds old. */
  readonly live: () => number;
  readonly tracks: () => number;
  readonly streams: () => number;
  readonly frames: () => Readonly<Record<'answered' | 'dropped' | 'failed', number>>;
  readonly log: () => Readonly<
    Record<'recorded' | 'late' | 'dropped' | 'written' | 'rejected' | 'waitingBytes', number>
  >;
}

/** Gauges and counters of sessions, streams and the detection log. */
export function observeSessions(registry: Registry, sources: SessionSources): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
  };
  const counter = (
    name: string,
    help: string,
    read: () => Readonly<Record<string, number>>,
  ): void => {
    const made: Counter = new Counter({
      name,
      help,
      labelNames: ['outcome'],
      registers,
      collect: () => {
        made.reset();
        for (const [outcome, count] of Object.entries(read())) made.inc({ outcome }, count);
      },
    });
  };
  gauge('fovea_sessions_live', 'Sessions neither ended nor expired, of all servers.', sources.live);
  gauge('fovea_session_tracks', 'Tracks of objects in memory.', sources.tracks);
  gauge('fovea_streams', 'Open streams of frames.', sources.streams);
  counter('fovea_stream_frames_total', 'Frames of streams by what became of them.', sources.frames);
  counter(
    'fovea_detection_log_records_total',
    'Detections in sessions: recorded on disk before the answer, late, dropped or rejected; written to the database.',
    () => {
      const { waitingBytes: _waiting, ...outcomes } = sources.log();
      return outcomes;
    },
  );
  gauge(
    'fovea_detection_log_waiting_bytes',
    'Detections on disk that the database does not have yet.',
    () => sources.log().waitingBytes,
  );
}
