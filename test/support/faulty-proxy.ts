import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * `pass` forwards; `cut` ends connections at once, also new ones; `hang` takes connections and bytes
 * and forwards nothing; `refuse` does not listen; `slow` forwards each piece after `delayMs`.
 */
export type ProxyMode = 'pass' | 'cut' | 'hang' | 'refuse' | 'slow';

export interface FaultyProxy {
  readonly port: number;
  /** Changes what happens to open and to new connections from now on. */
  readonly become: (mode: ProxyMode, delayMs?: number) => Promise<void>;
  /** Connections taken so far. */
  readonly connections: () => number;
  /** Connections open now. */
  readonly open: () => number;
  readonly close: () => Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** A TCP proxy on a port of its own, before a dependency that shall fail in a chosen way. */
export async function startFaultyProxy(target: {
  host?: string;
  port: number;
}): Promise<FaultyProxy> {
  const links = new Set<Link>();
  let mode: ProxyMode = 'pass';
  let delayMs = 0;
  let taken = 0;
  const open = (client: Socket): void => {
    taken += 1;
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    const link = { client, upstream };
    links.add(link);
    const end = (): void => {
      links.delete(link);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', end).on('close', end);
      from.on('data', (bytes: Buffer) => forward(bytes, to));
    }
    if (mode === 'cut') end();
  };
  // What comes while it hangs is lost for good: those connections never recover, as on a dead network.
  const forward = (bytes: Buffer, to: Socket): void => {
    if (mode === 'hang') return;
    const write = (): void => void (to.destroyed || to.write(bytes));
    if (mode === 'slow') setTimeout(write, delayMs).unref();
    else write();
  };
  const server = createServer({ noDelay: true }, open);
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const cutAll = (): void => {
    for (const { client, upstream } of links) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  const stopListening = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cutAll();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => taken,
    open: () => links.size,
    become: async (next, delay = 0) => {
      mode = next;
      delayMs = delay;
      if (next === 'refuse') return await stopListening();
      if (!server.listening) await listen(port);
      if (next === 'cut') cutAll();
    },
    close: stopListening,
  };
}
