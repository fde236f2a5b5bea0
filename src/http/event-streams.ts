import type { FastifyReply } from 'fastify';
import { FoveaError } from '../errors.ts';
import type { App } from './app-deps.ts';

/** Sends one event; `id` is what `Last-Event-ID` gives back. */
export type SendEvent = (event: string, data: unknown, id: number) => void;

const mostStreams = 64;
const heartbeatMs = 15_000;
/** A reader that is so far behind is let go; it comes back with `Last-Event-ID`. */
const mostUnread = 1024 * 1024;

/** Server-sent events (WHATWG HTML, section 9.2) over HTTP/1.1: a bounded number of streams, each of them alive or gone. */
export class EventStreams {
  readonly #open = new Set<() => void>();

  /** Streams end before the server does. */
  constructor(app: App) {
    app.addHook('preClose', (done) => {
      for (const end of this.#open) end();
      done();
    });
  }

  /**
   * Turns the reply into a stream.
   * @param listen starts what sends events; returns the way to stop it
   * @throws FoveaError QUEUE_FULL when too many listen
   */
  open(reply: FastifyReply, listen: (send: SendEvent) => () => void): void {
    if (this.#open.size >= mostStreams)
      throw new FoveaError(
        'QUEUE_FULL',
        `${mostStreams} clients listen already; ask again later.`,
        {
          retry_after_seconds: 30,
        },
      );
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const write = (text: string): void => {
      if (raw.writableLength > mostUnread) raw.destroy();
      else raw.write(text);
    };
    const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs);
    const stop = listen((event, data, id) =>
      write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    );
    const end = (): void => {
      raw.end();
    };
    this.#open.add(end);
    raw.once('close', () => {
      clearInterval(heartbeat);
      stop();
      this.#open.delete(end);
    });
    raw.on('error', () => undefined); // the reader left
  }
}
