import { hash } from 'node:crypto';
import { FoveaError, toFoveaError } from '../errors.ts';
import type { Caller } from '../images/image-service.ts';
import {
  closeCodes,
  streamCommand,
  type StreamMessage,
  type StreamOptions,
} from '../protocol/session-stream.ts';
import type { FrameOptions, SeenFrame, SessionDetector } from './session-detector.ts';
import type { SessionEnding } from './sessions.ts';

/** The other end of a stream. */
export interface StreamPeer {
  send(message: StreamMessage): void;
  close(code: number, reason: string): void;
  /** Bytes that wait to be read by the other end. */
  readonly unread: number;
}

export interface FrameStreamOptions {
  readonly sessionId: string;
  readonly detector: Pick<SessionDetector, 'look' | 'settle'>;
  readonly caller: Caller;
  readonly peer: StreamPeer;
  /** Names the stream in its errors. */
  readonly requestId: string;
  /** Takes memory for a frame and returns the way to give it back. @throws FoveaError QUEUE_FULL. */
  readonly take: (bytes: number) => () => void;
  /** Milliseconds without a message after which the stream is closed. */
  readonly idleMs: number;
  readonly onFrame?: (outcome: 'answered' | 'dropped' | 'failed') => void;
}

interface Frame {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/** One frame is decoded while the one before it is looked at. */
const atOnce = 2;
const defaultQueue = 4;
const mostUnread = 4 * 1024 * 1024;
/** Said at once, although a frame that says it in order will follow. */
const mostDropped = 100;

const endings = {
  ended: [closeCodes.sessionEnded, 'the session was ended'],
  expired: [closeCodes.sessionExpired, 'the session expired'],
  unknown: [closeCodes.sessionUnknown, 'the session is not known any more'],
} as const satisfies Record<SessionEnding, readonly [number, string]>;

/**
 * Frames of one connection. They are looked at two at a time and answered in the order in which they
 * came, each with its number. When more wait than may, the oldest goes, and its number is said before the next answer.
 */
export class FrameStream {
  readonly #options: FrameStreamOptions;
  readonly #left = new AbortController();
  readonly #waiting: Frame[] = [];
  #choice: StreamOptions = {};
  #dropped: number[] = [];
  #received = 0;
  #running = 0;
  #answered: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(options: FrameStreamOptions) {
    this.#options = options;
    this.#heard();
  }

  get choice(): StreamOptions {
    return { queue: defaultQueue, ...this.#choice };
  }

  /** A binary message. */
  frame(bytes: Uint8Array): void {
    this.#heard();
    if (this.#left.signal.aborted) return;
    this.#received += 1;
    const number = this.#received;
    try {
      this.#waiting.push({ number, bytes, release: this.#options.take(bytes.length) });
    } catch {
      this.#drop(number); // no memory for it: as if it had waited too long
    }
    while (this.#waiting.length > (this.choice.queue ?? defaultQueue)) {
      const oldest = this.#waiting.shift();
      oldest?.release();
      if (oldest) this.#drop(oldest.number);
    }
    this.#next();
  }

  /** A text message. */
  command(text: string): void {
    this.#heard();
    const { peer } = this.#options;
    try {
      const { type, ...rest } = readCommand(text);
      if (type === 'ping') {
        peer.send({ type: 'pong', ...rest });
      } else {
        this.#choice = { ...this.#choice, ...(rest as StreamOptions) };
        peer.send({ type: 'options', options: this.choice });
      }
    } catch (error) {
      this.#fail(null, error);
    }
  }

  /** The session takes no more frames. */
  sessionOver(ending: SessionEnding): void {
    const [code, reason] = endings[ending];
    this.#close(code, reason);
  }

  /** The connection is gone: what waits is given up. */
  closed(): void {
    this.#left.abort();
    clearTimeout(this.#idle);
    for (const { release } of this.#waiting.splice(0)) release();
  }

  #close(code: number, reason: string): void {
    if (this.#left.signal.aborted) return;
    this.closed();
    this.#options.peer.close(code, reason);
  }

  #heard(): void {
    clearTimeout(this.#idle);
    const { idleMs } = this.#options;
    const reason = `no message for ${idleMs / 1000} s`;
    this.#idle = setTimeout(() => this.#close(closeCodes.idle, reason), idleMs);
    this.#idle.unref();
  }

  #drop(number: number): void {
    this.#dropped.push(number);
    this.#options.onFrame?.('dropped');
    if (this.#dropped.length >= mostDropped || this.#running + this.#waiting.length === 0)
      this.#sayDropped(Number.POSITIVE_INFINITY);
  }

  #sayDropped(below: number): void {
    const frames = this.#dropped.filter((number) => number < below);
    this.#dropped = this.#dropped.filter((number) => number >= below);
    if (frames.length > 0) this.#options.peer.send({ type: 'dropped', frames });
  }

  #next(): void {
    while (this.#running < atOnce) {
      const frame = this.#waiting.shift();
      if (frame === undefined) return;
      this.#running += 1;
      void this.#work(frame);
    }
  }

  async #work(frame: Frame): Promise<void> {
    const before = this.#answered;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answered = promise;
    const options = this.#frameOptions();
    try {
      const looked = this.#look(frame, options);
      looked.catch(() => undefined);
      await before; // the engine's deadline bounds it
      await this.#answer(frame, await looked, options);
    } catch (error) {
      this.#fail(frame.number, error);
    } finally {
      resolve();
      frame.release();
      this.#running -= 1;
      this.#next();
    }
  }

  async #look({ bytes }: Frame, options: FrameOptions): Promise<SeenFrame> {
    if (bytes.length === 0)
      throw new FoveaError('IMAGE_EMPTY', 'The frame has no bytes; send a whole image file.');
    const { detector, sessionId, caller } = this.#options;
    const sha256 = hash('sha256', bytes, 'hex');
    const image = { bytes, sha256, source: 'upload', sourceUrl: null } as const;
    return await detector.look(sessionId, image, options, { ...caller, signal: this.#left.signal });
  }

  async #answer({ number }: Frame, seen: SeenFrame, options: FrameOptions): Promise<void> {
    const { detector, peer } = this.#options;
    const detection = await detector.settle(seen, options);
    this.#options.onFrame?.('answered');
    if (this.#left.signal.aborted) return;
    if (peer.unread > mostUnread)
      return this.#close(closeCodes.slowReader, 'results are read too slowly');
    this.#sayDropped(number);
    peer.send({ type: 'result', frame: number, ...detection });
  }

  /** The stream goes on after a bad frame, but not after its session. */
  #fail(frame: number | null, thrown: unknown): void {
    if (this.#left.signal.aborted) return;
    if (frame !== null) this.#options.onFrame?.('failed');
    const { code, message, details } = toFoveaError(thrown);
    const { peer, requestId } = this.#options;
    if (frame !== null) this.#sayDropped(frame);
    const error = { code, message, details: { ...details }, request_id: requestId };
    peer.send({ type: 'error', frame, error });
    if (code === 'SESSION_ENDED') this.sessionOver('ended');
    if (code === 'SESSION_EXPIRED') this.sessionOver('expired');
    if (code === 'SESSION_NOT_FOUND') this.sessionOver('unknown');
  }

  #frameOptions(): FrameOptions {
    const { model, version, score, classes, keep_frame: keepFrame } = this.#choice;
    return { model, version, keepFrame, options: { score, classes } };
  }
}

function readCommand(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FoveaError('REQUEST_INVALID', 'The text message is not JSON.', {}, error);
  }
  const { success, data, error } = streamCommand.safeParse(value);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: `/${path.join('/')}`, message }));
  const message = `The message does not fit the schema: ${issues[0]?.path}: ${issues[0]?.message}.`;
  throw new FoveaError('REQUEST_INVALID', message, { issues });
}
