import { api, data, send } from '../../api/client.ts';
import { FrameSocket, type StreamMessage, type StreamOptions } from '../../api/frame-socket.ts';
import { asProblem, Problem } from '../../api/problem.ts';
import { FrameCamera } from './frame-camera.ts';
import { FrameFigures, type Figures } from './frame-figures.ts';
import { withFrame, type SeenTrack } from './seen-tracks.ts';

export type Result = Extract<StreamMessage, { type: 'result' }>;

/** How frames are taken and looked at. */
export interface LiveChoice extends StreamOptions {
  readonly framesPerSecond: number;
  /** Greatest width of a frame that is sent, in pixels. */
  readonly width: number;
}

/** What happened to the connection, for everybody to see. */
export interface LiveEvent {
  readonly at: Date;
  readonly text: string;
}

export interface LiveState {
  readonly phase: 'starting' | 'live' | 'lost' | 'stopping' | 'over';
  readonly sessionId: string | undefined;
  readonly result: Result | undefined;
  readonly tracks: readonly SeenTrack[];
  readonly figures: Figures;
  readonly events: readonly LiveEvent[];
  /** Why it stands still, or what was wrong with the last frame. */
  readonly problem: Problem | undefined;
}

const ttlSeconds = 600;
/** Frames without an answer beyond which no other is sent: one on its way, one looked at, one decoded. */
const mostOpen = 3;
const mostUnsent = 1_000_000;
const figuresMs = 500;
/** Longer than the server takes to answer anything, also while it loads a model. */
const mostSilenceMs = 40_000;
const mostEvents = 20;

/** Closed because the session is not known, was ended, has expired: there is nothing to connect to again. */
const forGood: ReadonlySet<number> = new Set([4404, 4409, 4410]);

/** One session, from its beginning to its end: takes frames from a video, sends them, and keeps what comes back. */
export class LiveRun {
  readonly #video: HTMLVideoElement;
  readonly #listeners = new Set<() => void>();
  readonly #camera = new FrameCamera();
  readonly #figures = new FrameFigures();
  #choice: LiveChoice;
  #socket: FrameSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #encoding = false;
  #toldAt = 0;
  #state: LiveState;

  constructor(video: HTMLVideoElement, choice: LiveChoice) {
    this.#video = video;
    this.#choice = choice;
    this.#state = {
      phase: 'starting',
      sessionId: undefined,
      result: undefined,
      tracks: [],
      figures: this.#figures.at(performance.now()),
      events: [],
      problem: undefined,
    };
  }

  readonly state = (): LiveState => this.#state;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Begins the session and goes live. What goes wrong is in the state. */
  async start(source: string): Promise<void> {
    try {
      const body = { metadata: { name: 'Live', source }, ttl_seconds: ttlSeconds };
      const { session_id: sessionId } = await data(api.POST('/api/v1/sessions', { body }));
      this.#change({ sessionId });
      if (this.#state.phase === 'over') this.abandon();
      else await this.connect();
    } catch (error) {
      this.#change({ phase: 'over', problem: asProblem(error) });
    }
  }

  /** Connects, first or again. */
  async connect(): Promise<void> {
    const { sessionId } = this.#state;
    if (sessionId === undefined) return;
    this.#change({ phase: 'starting', problem: undefined });
    try {
      this.#figures.connected();
      const socket = await FrameSocket.open(sessionId, {
        onMessage: (message) => this.#heard(message),
        onLost: (problem) => this.#lost(problem),
      });
      if (this.#state.phase !== 'starting') return socket.close();
      this.#socket = socket;
      this.#tell(this.#choice);
      this.#note('Connected');
      this.#change({ phase: 'live' });
      this.#tick();
    } catch (error) {
      this.#lost(asProblem(error));
    }
  }

  choose(choice: LiveChoice): void {
    this.#choice = choice;
    this.#tell(choice);
  }

  /** Ends the session. */
  async stop(): Promise<void> {
    const { sessionId } = this.#state;
    this.#change({ phase: 'stopping' });
    this.#disconnect();
    try {
      if (sessionId !== undefined)
        await api.DELETE('/api/v1/sessions/{id}', { params: { path: { id: sessionId } } });
      this.#note('Ended');
      this.#change({ phase: 'over', problem: undefined });
    } catch (error) {
      this.#change({ phase: 'over', problem: asProblem(error) });
    }
  }

  /** Ends the session without waiting for it, when the page goes away. */
  abandon(): void {
    const { sessionId, phase } = this.#state;
    this.#disconnect();
    this.#change({ phase: 'over' });
    if (sessionId === undefined || phase === 'stopping') return;
    const init = { method: 'DELETE', keepalive: true };
    // Should this fail, the session expires by itself.
    send(`/api/v1/sessions/${sessionId}`, init).catch(() => undefined);
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  #lost(problem: Problem): void {
    if (this.#state.phase !== 'live' && this.#state.phase !== 'starting') return;
    this.#disconnect();
    this.#note(`Lost: ${problem.message}`);
    const phase = forGood.has(problem.status) ? 'over' : 'lost';
    this.#change({ phase, problem, figures: this.#figures.at(performance.now()) });
  }

  #tell({ model, keep_frame }: LiveChoice): void {
    const options = {
      ...(model === undefined ? {} : { model }),
      ...(keep_frame === undefined ? {} : { keep_frame }),
    };
    if (Object.keys(options).length > 0) this.#socket?.choose(options);
  }

  #tick(): void {
    if (this.#state.phase !== 'live') return;
    const now = performance.now();
    this.#timer = setTimeout(() => this.#tick(), 1000 / this.#choice.framesPerSecond);
    if (now - this.#toldAt >= figuresMs) {
      this.#toldAt = now;
      this.#change({ figures: this.#figures.at(now) });
    }
    if (now - (this.#figures.oldest ?? now) > mostSilenceMs) this.#lost(silence());
    else if (this.#busy()) this.#figures.skipped();
    else void this.#sendFrame();
  }

  #busy(): boolean {
    const unsent = this.#socket?.unsent ?? 0;
    return this.#encoding || this.#figures.open >= mostOpen || unsent > mostUnsent;
  }

  async #sendFrame(): Promise<void> {
    this.#encoding = true;
    const began = performance.now();
    const socket = this.#socket;
    const frame = await this.#camera.take(this.#video, this.#choice.width);
    this.#encoding = false;
    // The connection that it was taken for may be gone.
    if (!frame || !socket || socket !== this.#socket) return;
    this.#figures.sent(began);
    socket.send(frame);
  }

  #heard(message: StreamMessage): void {
    const now = performance.now();
    if (message.type === 'result') {
      this.#figures.answered(message.frame, now);
      const tracks = withFrame(this.#state.tracks, message.detections, Date.now());
      this.#change({ result: message, tracks, problem: undefined });
    } else if (message.type === 'dropped') {
      this.#figures.dropped(message.frames);
    } else if (message.type === 'error') {
      if (message.frame !== null) this.#figures.failed(message.frame);
      const { code, message: text, request_id: requestId } = message.error;
      this.#change({ problem: new Problem({ status: 0, code, message: text, requestId }) });
    }
  }

  #note(text: string): void {
    const events = [{ at: new Date(), text }, ...this.#state.events].slice(0, mostEvents);
    this.#change({ events });
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function silence(): Problem {
  const message = `The server gave no answer for ${mostSilenceMs / 1000} s.`;
  return new Problem({ status: 0, code: 'STREAM_SILENT', message });
}
