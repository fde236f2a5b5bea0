import { z } from 'zod';
import { modelReference, stageTimings } from './analysis.ts';
import { box } from './image.ts';
import { detectedObject } from './object.ts';
import { storedRecord } from './stored-values.ts';

export const sessionStatus = z.enum(['created', 'active', 'ended']).meta({ id: 'SessionStatus' });
export type SessionStatus = z.infer<typeof sessionStatus>;

/** Bytes of a session's metadata as JSON. */
const maxMetadataBytes = 8 * 1024;

const metadata = storedRecord(200)
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes, {
    message: `must not be longer than ${maxMetadataBytes} bytes as JSON`,
  })
  .describe(`What the client wants to remember, at most ${maxMetadataBytes} bytes as JSON.`);

/** A session, everywhere. */
export const session = z
  .object({
    session_id: z.uuid(),
    status: sessionStatus.describe('`created` until the first frame, `active` from then on.'),
    metadata: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime(),
    last_activity: z.iso.datetime(),
    expires_at: z.iso.datetime().describe('Without further activity.'),
    detection_count: z.int().nonnegative(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

/** Seconds without activity after which a session expires; the server has its own greatest value. */
const ttlSeconds = z.int().min(1);

export const newSession = z
  .strictObject({
    metadata: metadata.optional(),
    ttl_seconds: ttlSeconds
      .optional()
      .describe('Instead of `FOVEA_SESSION_TTL`; at most `FOVEA_SESSION_MAX_TTL`.'),
  })
  .meta({ id: 'NewSession' })
  .nullish()
  .describe('May be left out.');

/** What PATCH changes: the metadata, as a whole. It counts as activity. */
export const sessionChange = z.strictObject({ metadata }).meta({ id: 'SessionChange' });

/** An object in a frame of a session. */
export const trackedObject = detectedObject
  .extend({
    track_id: z
      .string()
      .optional()
      .describe('The same for the same object over the frames of a session.'),
  })
  .meta({ id: 'TrackedObject' });
export type TrackedObject = z.infer<typeof trackedObject>;

/** One frame of a session, analysed; the answer to it, and what is kept. */
export const sessionDetection = z
  .object({
    session_id: z.uuid(),
    detection_id: z.uuid(),
    image_id: z.uuid().nullable().describe('The frame, when it was kept.'),
    width: z.int().nullable().describe('Pixels, upright; null when the frame was not decoded.'),
    height: z.int().nullable(),
    detections: z.array(trackedObject).describe('Best first.'),
    timings_ms: stageTimings,
    models: z.array(modelReference),
    degraded: z
      .array(z.string())
      .describe('`model`: no model could look at the frame, so the list is empty for want of one.'),
  })
  .meta({ id: 'SessionDetection' });
export type SessionDetection = z.infer<typeof sessionDetection>;

export const keptDetection = sessionDetection
  .extend({ created_at: z.iso.datetime() })
  .meta({ id: 'KeptDetection' });
export type KeptDetection = z.infer<typeof keptDetection>;

const seen = {
  frames: z.int().describe('Frames that show it.'),
  first_seen: z.iso.datetime(),
  last_seen: z.iso.datetime(),
};

/** What happened in a session, over all its kept detections. */
export const sessionSummary = z
  .object({
    session_id: z.uuid(),
    detection_count: z.int(),
    degraded_count: z.int().describe('Frames that no model looked at.'),
    first_at: z.iso.datetime().nullable(),
    last_at: z.iso.datetime().nullable(),
    latency_ms: z
      .object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() })
      .nullable(),
    classes: z
      .array(z.object({ label: z.string(), objects: z.int(), ...seen }))
      .describe('Most frequent first, at most 200.'),
    tracks: z
      .array(z.object({ track_id: z.string(), label: z.string(), box, ...seen }))
      .describe('Last seen first, at most 200; `box` is the last one.'),
  })
  .meta({ id: 'SessionSummary' });
export type SessionSummary = z.infer<typeof sessionSummary>;

export const streamTicket = z
  .object({
    ticket: z.string().describe('For `?ticket=` of one stream, once.'),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'StreamTicket' });
