import { connect, type Socket } from 'node:net';

/**
 * Sends one HTTP request over and over on keep-alive connections, one at a time on each, and
 * reports the latencies: a client that costs as little as it can. Started by `bench/predict.ts`.
 */

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** Sent as `X-API-Key`. */
  readonly key?: string | undefined;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadReport {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly latencies: readonly number[];
  readonly failures: number;
}

function requestText({ path, body, port, key }: LoadOrder): string {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(key === undefined ? [] : [`X-API-Key: ${key}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket.setEncoding('latin1');
}

/** Sends again as soon as the answer is whole, until `end`. */
async function hammer(
  socket: Socket,
  text: string,
  end: number,
  onAnswer: (ms: number, ok: boolean) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = '';
  let sent = performance.now();
  socket.on('data', (chunk: string) => {
    received += chunk;
    const head = received.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(received)?.[1];
    if (head < 0 || length === undefined || received.length < head + 4 + Number(length)) return;
    const now = performance.now();
    onAnswer(now - sent, received.startsWith('HTTP/1.1 200'));
    received = '';
    if (now >= end) return resolve();
    sent = now;
    socket.write(text);
  });
  socket.write(text);
  await promise;
  socket.destroy();
}

async function load(order: LoadOrder): Promise<LoadReport> {
  const sockets = await Promise.all(
    Array.from({ length: order.connections }, () => opened(order.port)),
  );
  const latencies: number[] = [];
  let failures = 0;
  const started = performance.now();
  const end = started + order.seconds * 1000;
  const text = requestText(order);
  await Promise.all(
    sockets.map((socket) =>
      hammer(socket, text, end, (ms, ok) => {
        latencies.push(ms);
        if (!ok) failures += 1;
      }),
    ),
  );
  const perSecond = (latencies.length / (performance.now() - started)) * 1000;
  return { perSecond, latencies, failures };
}

process.on('message', (order: LoadOrder) => {
  void load(order).then((report) => process.send?.(report));
});
