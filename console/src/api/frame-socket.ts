import { api, data } from './client.ts';
import { Problem } from './problem.ts';
import type { Detection } from './types.ts';

/** What a stream can be told; what is left out stays as it is. */
export interface StreamOptions {
  readonly model?: string;
  readonly keep_frame?: boolean;
}

/** What a stream says; see docs/sessions.md. Frames are counted from 1, as they arrive. */
export type StreamMessage =
  | { readonly type: 'ready' | 'options' | 'pong' }
  | ({ readonly type: 'result'; readonly frame: number } & Omit<Detection, 'created_at'>)
  | { readonly type: 'dropped'; readonly frames: readonly number[] }
  | {
      readonly type: 'error';
      /** Null when what was wrong was no frame. */
      readonly frame: number | null;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly request_id: string;
      };
    };

interface Listener {
  readonly onMessage: (message: StreamMessage) => void;
  /** Once, when the stream is over and `close` was not called. */
  readonly onLost: (problem: Problem) => void;
}

const openWithinMs = 10_000;

/** The WebSocket of a session: frames go out, what was found comes in. It never connects again by itself. */
export class FrameSocket {
  readonly #socket: WebSocket;
  #closed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Asks for a ticket, connects, and waits for `ready`. @throws Problem */
  static async open(sessionId: string, listener: Listener): Promise<FrameSocket> {
    const path = { id: sessionId };
    const { ticket } = await data(
      api.POST('/api/v1/sessions/{id}/stream-tickets', { params: { path } }),
    );
    const url = new URL(`/api/v1/sessions/${sessionId}/stream`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('ticket', ticket);
    const stream = new FrameSocket(new WebSocket(url));
    await stream.#ready(listener);
    return stream;
  }

  /** Bytes that have not left this machine. */
  get unsent(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends a frame, a whole image file, unless the stream is over. */
  send(frame: Blob): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  choose(options: StreamOptions): void {
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ type: 'options', ...options }));
  }

  close(): void {
    this.#closed = true;
    this.#socket.close(1000);
  }

  async #ready({ onMessage, onLost }: Listener): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.close();
      reject(lost(0, `it was not ready within ${openWithinMs / 1000} s`));
    }, openWithinMs);
    let ready = false;
    this.#socket.addEventListener('message', ({ data: text }: MessageEvent<string>) => {
      const message = JSON.parse(text) as StreamMessage;
      if (message.type === 'ready') {
        ready = true;
        resolve();
      }
      onMessage(message);
    });
    this.#socket.addEventListener('close', ({ code, reason }) => {
      if (!ready) reject(refused());
      else if (!this.#closed) onLost(lost(code, reason));
    });
    await promise.finally(() => clearTimeout(timer));
  }
}

/** A browser does not tell a page why a WebSocket was refused. */
function refused(): Problem {
  const message =
    'The server refused the stream. Too many may be open, or your role may only read.';
  return new Problem({ status: 0, code: 'STREAM_REFUSED', message });
}

const reasons: Readonly<Record<number, string>> = {
  1001: 'The server is about to stop. Connect again when it is back.',
  1009: 'A frame was larger than this server takes. Send smaller pictures.',
  4404: 'The server does not know this session any more.',
  4408: 'No frame was sent for too long.',
  4409: 'The session was ended.',
  4410: 'The session has expired.',
  4413: 'The answers were read too slowly.',
};

function lost(code: number, reason: string): Problem {
  const said = reason === '' ? '' : ` The server said: ${reason}.`;
  const message = reasons[code] ?? `The connection is gone.${said}`;
  return new Problem({ status: code, code: `STREAM_CLOSED_${code}`, message });
}
