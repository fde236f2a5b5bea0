import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { Journal } from '../db/journal.ts';
import { JournaledLog } from '../db/journaled-log.ts';
import { SessionDetectionTable, type DetectionRecord } from '../db/session-detections.ts';
import type { Degradations } from '../dependencies/degradations.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { DegradableDetector } from '../objects/degradable-detector.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { FrameSessions } from '../sessions/frame-sessions.ts';
import { MemorySessionStore } from '../sessions/memory-session-store.ts';
import { RedisSessionStore } from '../sessions/redis-session-store.ts';
import { ResilientSessionStore } from '../sessions/resilient-session-store.ts';
import { SessionDetector } from '../sessions/session-detector.ts';
import { SessionHistory } from '../sessions/session-history.ts';
import { SessionKeeper } from '../sessions/session-keeper.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { TimedSessionStore } from '../sessions/timed-session-store.ts';
import { SessionTrackers } from '../sessions/session-trackers.ts';
import { Sessions } from '../sessions/sessions.ts';
import { StreamCount } from '../sessions/stream-count.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { SessionSources } from '../telemetry/session-metrics.ts';

export interface SessionParts {
  readonly config: Config;
  readonly database: Database;
  readonly redis: RedisConnection | undefined;
  readonly objects: DegradableDetector;
  readonly library: ImageLibrary;
  readonly degradations: Degradations;
  readonly logger: Logger;
  readonly metrics: () => Metrics;
}

/** Sessions, and what was detected in them. */
export interface RunningSessions extends FrameSessions {
  readonly sources: SessionSources;
  /** Redis was lost: it may come back empty. */
  readonly redisLost: () => void;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

const choreLimitMs = 5_000;

export async function composeSessions(parts: SessionParts): Promise<RunningSessions> {
  const { config, database, logger } = parts;
  const table = new SessionDetectionTable(database);
  const log = await detectionLog(config, table, logger);
  const { store, close, redisLost } = sessionStore(parts);
  const trackers = new SessionTrackers();
  const streams = new StreamCount(config.FOVEA_STREAM_LIMIT);
  const sessions = new Sessions({
    store: new TimedSessionStore(store, (operation, ms, ok) =>
      parts.metrics().work.sessionOperation(operation, ms, ok),
    ),
    node: randomBytes(6).toString('hex'),
    ttlMs: config.FOVEA_SESSION_TTL,
    maxTtlMs: config.FOVEA_SESSION_MAX_TTL,
  });
  const detector = new SessionDetector({
    sessions,
    trackers,
    objects: parts.objects,
    library: parts.library,
    record: (detection) => log.record(detection),
    keepFrames: config.FOVEA_KEEP_FRAMES,
  });
  let live = 0;
  const keeper = new SessionKeeper({
    expire: async () => ({ live } = await sessions.expire()),
    flush: () => log.flush(),
    purge: () => table.purge(new Date(Date.now() - config.FOVEA_DETECTION_RETENTION)),
    onFailure: (task, error) => logger.debug({ task, reason: String(error) }, 'a chore waits'),
  });
  return {
    sessions,
    detector,
    history: new SessionHistory({ table, sessions, flush: () => log.flush() }),
    streams,
    idleMs: config.FOVEA_STREAM_IDLE,
    sources: {
      live: () => live,
      tracks: () => trackers.tracks,
      streams: () => streams.open,
      frames: () => streams.frames,
      log: () => log.stats,
    },
    redisLost,
    start: () => keeper.start(),
    stop: async () => {
      await Promise.race([keeper.stop(), sleep(choreLimitMs, undefined, { ref: false })]);
      await Promise.race([close(), sleep(choreLimitMs, undefined, { ref: false })]);
      await log.close();
    },
  };
}

async function detectionLog(
  config: Config,
  sink: SessionDetectionTable,
  logger: Logger,
): Promise<JournaledLog<DetectionRecord>> {
  const journal = await Journal.open({
    directory: join(config.FOVEA_DATA_DIR, 'detection-journal'),
    maxBytes: config.FOVEA_DETECTION_JOURNAL,
    parse: journaledDetection,
    onDamage: (path, lines) =>
      logger.warn({ path, lines }, 'lines of the detection journal could not be read'),
  });
  return new JournaledLog({
    journal,
    sink,
    onTrouble: (stats, cause) =>
      logger.warn({ stats, reason: String(cause) }, 'detections are not kept'),
  });
}

/** In Redis when there is one, with this node's copies for when it is away; else in memory. */
function sessionStore({ config, redis, degradations, logger }: SessionParts): {
  store: SessionStore;
  close: () => Promise<void>;
  redisLost: () => void;
} {
  const { FOVEA_SESSION_MEMORY: maxBytes, FOVEA_SESSION_KEEP: keepMs } = config;
  if (redis === undefined) {
    const store = new MemorySessionStore({ maxBytes, keepMs });
    return { store, close: () => Promise.resolve(), redisLost: () => undefined };
  }
  const store = new ResilientSessionStore({
    shared: new RedisSessionStore({
      connection: redis,
      keepMs,
      timeoutMs: config.FOVEA_REDIS_TIMEOUT,
    }),
    maxBytes,
    keepMs,
    onAlone: () => degradations.note('redis'),
    onReturn: (facts) => logger.info(facts, 'sessions are back in Redis'),
  });
  store.leave();
  return { store, close: () => store.close(), redisLost: () => store.leave() };
}

const journaled = z.looseObject({
  id: z.uuidv7(),
  sessionId: z.uuid(),
  objects: z.array(z.unknown()),
});

/** A record as it comes back from the journal. Throws when it is none. */
function journaledDetection(line: string): DetectionRecord {
  const value: unknown = JSON.parse(line);
  journaled.parse(value);
  return value as DetectionRecord;
}
