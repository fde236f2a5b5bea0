import { randomUUIDv7 } from 'node:crypto';
import type { DetectionRecord } from '../db/session-detections.ts';
import type { ImageLibrary } from '../images/image-library.ts';
import type { Caller, ReceivedImage } from '../images/image-service.ts';
import { noTimings, type DegradableDetector } from '../objects/degradable-detector.ts';
import type { Detected } from '../objects/object-service.ts';
import type { DetectOptions } from '../protocol/object.ts';
import type { SessionDetection } from '../protocol/session.ts';
import { declaredSize } from '../vision/declared-size.ts';
import { sniffFormat } from '../vision/sniff.ts';
import type { SeenSession } from './session-state.ts';
import type { Sessions } from './sessions.ts';
import type { SessionTrackers } from './session-trackers.ts';

export interface SessionDetectorOptions {
  readonly sessions: Sessions;
  readonly objects: DegradableDetector;
  readonly trackers: SessionTrackers;
  readonly library: ImageLibrary;
  /** Durable when it resolves; never rejects. */
  readonly record: (detection: DetectionRecord) => Promise<void>;
  /** Whether frames are kept unless the request says otherwise. */
  readonly keepFrames: boolean;
}

export interface FrameOptions {
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly options?: DetectOptions | undefined;
  /** Keep the frame as an image. */
  readonly keepFrame?: boolean | undefined;
}

/** What was found in a frame, before it is part of the session; undefined when no model could look. */
export interface SeenFrame {
  readonly session: SeenSession;
  readonly frame: ReceivedImage;
  readonly found: Detected | undefined;
}

/** Frames of sessions: looked at, followed from frame to frame, kept, recorded and counted. */
export class SessionDetector {
  readonly #options: SessionDetectorOptions;

  constructor(options: SessionDetectorOptions) {
    this.#options = options;
  }

  /** @throws FoveaError SESSION_*, IMAGE_*, MODEL_*, or what `Engine.run` throws. */
  async detect(
    sessionId: string,
    frame: ReceivedImage,
    options: FrameOptions,
    caller: Caller,
  ): Promise<SessionDetection> {
    return await this.settle(await this.look(sessionId, frame, options, caller), options);
  }

  /** The frame is activity of the session. Frames may be looked at beside each other; `settle` takes them in order. */
  async look(
    sessionId: string,
    frame: ReceivedImage,
    { model, version, options }: FrameOptions,
    caller: Caller,
  ): Promise<SeenFrame> {
    const session = await this.#options.sessions.use(sessionId, caller);
    const { bytes, sha256 } = frame;
    const request = { bytes, sha256, model, version, options, caller };
    return { session, frame, found: await this.#options.objects.detect(request) };
  }

  /** Makes what was found part of the session: on the disk when it resolves. */
  async settle(
    { session, frame, found }: SeenFrame,
    { keepFrame = this.#options.keepFrames }: FrameOptions,
  ): Promise<SessionDetection> {
    const { sessions, trackers, record } = this.#options;
    const { id: sessionId, ownerId } = session.state;
    const objects = found ? trackers.follow(sessionId, found.detections) : [];
    const imageId = keepFrame ? await this.#keep(frame, ownerId, found) : null;
    const detection: DetectionRecord = {
      id: randomUUIDv7(),
      sessionId,
      ownerId,
      imageId,
      width: found?.width ?? null,
      height: found?.height ?? null,
      timings: found?.timings ?? noTimings,
      models: found?.models ?? [],
      degraded: found ? [] : ['model'],
      objects,
    };
    await Promise.all([record(detection), sessions.count(session)]);
    return shownDetection(detection);
  }

  /** Without a model nobody has decoded the frame: its header says how large it is. */
  async #keep(
    { bytes, sha256, source, sourceUrl }: ReceivedImage,
    ownerId: string | null,
    found: Detected | undefined,
  ): Promise<string | null> {
    const format = sniffFormat(bytes);
    const size = found ?? declaredSize(bytes);
    if (format === undefined || size === undefined) return null;
    const { width, height } = size;
    const byteSize = bytes.length;
    const image = { ownerId, sha256, format, width, height, byteSize, source, sourceUrl };
    return (await this.#options.library.keep(image, bytes)).id;
  }
}

/** A detection as the API shows it. */
export function shownDetection(record: DetectionRecord): SessionDetection {
  return {
    session_id: record.sessionId,
    detection_id: record.id,
    image_id: record.imageId,
    width: record.width,
    height: record.height,
    detections: [...record.objects],
    timings_ms: record.timings,
    models: [...record.models],
    degraded: [...record.degraded],
  };
}
