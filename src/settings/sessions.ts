import { z } from 'zod';
import { bytes, duration, flag, integer, setting, type Setting } from './setting-types.ts';

/** Detection sessions, their results and streams. */
export const sessionsSettings = {
  FOVEA_SESSION_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '1h',
    'A session without activity for this long expires; each may ask for another time.',
  ),
  FOVEA_SESSION_MAX_TTL: setting(
    duration.pipe(z.number().min(1_000)),
    '24h',
    'Longest time without activity that a session may ask for.',
  ),
  FOVEA_SESSION_KEEP: setting(
    duration,
    '1h',
    'How long an ended or expired session is told from one that never was.',
  ),
  FOVEA_SESSION_MEMORY: setting(
    bytes,
    '128MiB',
    'Memory for sessions, some 1 KiB each and their metadata; beyond it the ones not used for longest are forgotten. With `REDIS_URL`, for the copies that carry on without Redis.',
  ),
  FOVEA_KEEP_FRAMES: setting(
    flag,
    'false',
    'Whether frames of sessions are kept as images unless a request says otherwise.',
  ),
  FOVEA_DETECTION_RETENTION: setting(
    duration,
    '30d',
    'What was detected in sessions is kept this long.',
  ),
  FOVEA_DETECTION_JOURNAL: setting(
    bytes,
    '64MiB',
    'Disk for detections that the database does not have yet; when it is full, frames are answered but not recorded.',
  ),
  FOVEA_STREAM_LIMIT: setting(integer(1, 10_000), '256', 'Most streams of frames open at a time.'),
  FOVEA_STREAM_IDLE: setting(
    duration.pipe(z.number().min(100)),
    '60s',
    'A stream that sends nothing for this long is closed.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
