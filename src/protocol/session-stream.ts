import { z } from 'zod';
import { errorBody } from './error.ts';
import { session, sessionDetection } from './session.ts';

/** What a stream can be told; what is left out stays as it is. */
export const streamOptions = z.strictObject({
  model: z.string().min(1).max(64).optional(),
  version: z.string().min(1).max(64).optional(),
  score: z.number().min(0).max(1).optional().describe('Least score.'),
  classes: z.array(z.string().min(1).max(200)).min(1).max(1000).optional(),
  keep_frame: z.boolean().optional(),
  queue: z.int().min(1).max(32).optional().describe('Frames that may wait; then the oldest goes.'),
});
export type StreamOptions = z.infer<typeof streamOptions>;

/** Text messages of the client; frames are binary ones. */
export const streamCommand = z.discriminatedUnion('type', [
  streamOptions.extend({ type: z.literal('options') }),
  z.strictObject({ type: z.literal('ping'), id: z.json().optional() }),
]);

/** Messages of the server. Frames are counted from 1, as they arrive. */
export const streamMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), session, options: streamOptions }),
  sessionDetection.extend({ type: z.literal('result'), frame: z.int() }),
  z.object({ type: z.literal('dropped'), frames: z.array(z.int()) }),
  z.object({
    type: z.literal('error'),
    frame: z.int().nullable().describe('Null when the message was no frame.'),
    error: errorBody.shape.error,
  }),
  z.object({ type: z.literal('options'), options: streamOptions }),
  z.object({ type: z.literal('pong'), id: z.json().optional() }),
]);
export type StreamMessage = z.infer<typeof streamMessage>;

/** Why a server closes a stream (RFC 6455 §7.4; 4000 and up are the application's). */
export const closeCodes = {
  /** The server is about to stop; connect again. */
  serverStops: 1001,
  /** The client reads its results too slowly. */
  slowReader: 4413,
  /** No message for longer than the idle time-out. */
  idle: 4408,
  sessionEnded: 4409,
  sessionExpired: 4410,
  sessionUnknown: 4404,
} as const;
