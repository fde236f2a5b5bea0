import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the hub, or the CDN behind it, does instead of what it should; each is used up by one request. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /**
   * Sends this many bytes and cuts the connection, not before the client `has` them: what is on its way is lost with a cut.
   */
  | { readonly kind: 'cut'; readonly after: number; readonly has: () => Promise<void> }
  /** Sends this many bytes and falls silent. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Takes the request and says nothing. */
  | { readonly kind: 'silent' }
  /** Other bytes of the same length. */
  | { readonly kind: 'wrong-bytes' }
  /** Says another length than it sends. */
  | { readonly kind: 'lying-length'; readonly length: number }
  | { readonly kind: 'no-length' }
  | { readonly kind: 'ignores-range' }
  | { readonly kind: 'web-page' }
  | { readonly kind: 'redirect'; readonly to: string };

export interface FakeFile {
  readonly content: Buffer;
  /** In large file storage: the hub states its SHA-256 and redirects to the CDN. */
  readonly lfs: boolean;
  /** Who may read it: anybody, whoever has a valid token, or nobody. */
  readonly access: 'public' | 'gated' | 'forbidden';
  etag: string;
}

export interface SeenRequest {
  readonly server: 'hub' | 'cdn';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export const validToken = 'hf_valid_token_of_the_tests';
export const expiredToken = 'hf_expired_token_of_the_tests';
const commit = '0123456789abcdef0123456789abcdef01234567';

/**
 * A server that speaks the protocol of the Hugging Face Hub: `/<repository>/resolve/<revision>/<path>`, `X-Repo-Commit`,
 * `X-Linked-Etag`, `X-Linked-Size`, a redirect of large files to a CDN on another origin, ranges with `If-Range`, and
 * errors named in `X-Error-Code`.
 */
export class FakeHub {
  readonly requests: SeenRequest[] = [];
  /** Milliseconds between pieces of 64 KiB from the CDN. */
  pauseMs = 0;
  /** Waited for before each piece from now on: what is on its way stays so until the test goes on. */
  gate: Promise<void> = Promise.resolve();
  readonly #files = new Map<string, FakeFile>();
  readonly #misbehaviour = { hub: [] as Misbehaviour[], cdn: [] as Misbehaviour[] };
  readonly #hub: Server;
  readonly #cdn: Server;

  private constructor() {
    this.#hub = createServer((request, response) => void this.#answerHub(request, response));
    this.#cdn = createServer((request, response) => void this.#answerCdn(request, response));
  }

  static async start(t: TestContext): Promise<FakeHub> {
    const fake = new FakeHub();
    for (const server of [fake.#hub, fake.#cdn]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    t.after(() => fake.stop());
    return fake;
  }

  stop(): void {
    for (const server of [this.#hub, this.#cdn]) {
      server.closeAllConnections();
      server.close();
    }
  }

  get url(): string {
    return originOf(this.#hub);
  }

  get cdnUrl(): string {
    return originOf(this.#cdn);
  }

  /** @param path `<repository>/<revision>/<file>` */
  add(path: string, content: Buffer, options: Partial<Omit<FakeFile, 'content'>> = {}): void {
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    this.#files.set(path, { content, lfs: true, access: 'public', etag, ...options });
  }

  /** The next requests to a server go wrong, one each, in this order. */
  misbehave(server: 'hub' | 'cdn', ...how: Misbehaviour[]): void {
    this.#misbehaviour[server].push(...how);
  }

  seen(server: 'hub' | 'cdn'): SeenRequest[] {
    return this.requests.filter((request) => request.server === server);
  }

  async #answerHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note('hub', request);
    const [, repository, revision, path] =
      /^\/(.+)\/resolve\/([^/]+)\/([^?]+)/.exec(decodeURI(request.url ?? '')) ?? [];
    const file = this.#files.get(`${repository}/${decodeURIComponent(revision ?? '')}/${path}`);
    if (await this.#misbehaved('hub', request, response, file)) return;
    const refused = refusalOf(request, file);
    if (refused) return void response.writeHead(refused.status, refused.headers).end();
    if (!file) return;
    response.setHeader('x-repo-commit', commit);
    if (!file.lfs) return await this.#send(request, response, file);
    response.writeHead(302, {
      location: `${this.cdnUrl}/${repository}/${revision}/${path}?signature=${Math.random()}`,
      'x-linked-etag': `"${createHash('sha256').update(file.content).digest('hex')}"`,
      'x-linked-size': String(file.content.length),
    });
    response.end();
  }

  async #answerCdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note('cdn', request);
    const path = decodeURI(request.url ?? '')
      .slice(1)
      .split('?')[0];
    const file = this.#files.get(path ?? '');
    if (await this.#misbehaved('cdn', request, response, file)) return;
    if (!file) return void response.writeHead(404).end();
    await this.#send(request, response, file);
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    { content, etag }: FakeFile,
    limit = content.length,
  ): Promise<void> {
    const from = rangeStart(request, etag);
    if (from >= content.length && from > 0) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'accept-ranges': 'bytes',
      'content-length': content.length - from,
      ...(from > 0
        ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
        : {}),
    });
    await this.#pieces(
      request,
      response,
      content.subarray(from, Math.min(content.length, from + limit)),
    );
    if (from + limit >= content.length) response.end();
  }

  async #pieces(request: IncomingMessage, response: ServerResponse, bytes: Buffer): Promise<void> {
    if (request.method === 'HEAD') return;
    for (let at = 0; at < bytes.length && !response.destroyed; at += 65_536) {
      await this.gate;
      if (!response.write(bytes.subarray(at, at + 65_536)))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (this.pauseMs > 0) await sleep(this.pauseMs);
    }
  }

  async #misbehaved(
    server: 'hub' | 'cdn',
    request: IncomingMessage,
    response: ServerResponse,
    file: FakeFile | undefined,
  ): Promise<boolean> {
    const how = this.#misbehaviour[server].shift();
    if (!how) return false;
    const { content, etag } = file ?? { content: Buffer.alloc(0), etag: '""' };
    if (how.kind === 'status') response.writeHead(how.status, how.headers).end();
    else if (how.kind === 'redirect') response.writeHead(302, { location: how.to }).end();
    else if (how.kind === 'web-page')
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end('<html>Log in</html>');
    else if (how.kind === 'ignores-range') response.writeHead(200, { etag }).end(content);
    else if (how.kind === 'no-length') response.writeHead(200).end(content);
    else if (how.kind === 'wrong-bytes')
      response
        .writeHead(200, { etag: '"other"', 'content-length': content.length })
        .end(Buffer.from(content.map((byte) => byte ^ 0xff)));
    else if (how.kind === 'lying-length') {
      response.writeHead(200, { etag, 'content-length': how.length });
      response.write(content, () => response.destroy());
    } else if (how.kind !== 'silent' && file) {
      await this.#send(request, response, file, how.after);
      if (how.kind === 'cut') await how.has().finally(() => response.destroy());
    }
    return true;
  }

  #note(server: 'hub' | 'cdn', { method = '', url = '', headers }: IncomingMessage): void {
    this.requests.push({ server, method, path: url, headers });
  }
}

/** How the hub refuses, in its own words. */
function refusalOf(
  { headers }: IncomingMessage,
  file: FakeFile | undefined,
): { status: number; headers: Record<string, string> } | undefined {
  const token = headers.authorization?.replace('Bearer ', '');
  if (token !== undefined && token !== validToken)
    return {
      status: 401,
      headers: {
        'x-error-message':
          token === expiredToken
            ? 'Token has expired'
            : 'Invalid credentials in Authorization header',
      },
    };
  if (!file)
    return token === undefined
      ? { status: 401, headers: { 'x-error-code': 'RepoNotFound' } }
      : { status: 404, headers: { 'x-error-code': 'EntryNotFound' } };
  if (file.access === 'gated' && token === undefined)
    return { status: 401, headers: { 'x-error-code': 'GatedRepo' } };
  if (file.access === 'forbidden') return { status: 403, headers: { 'x-error-code': 'GatedRepo' } };
  return undefined;
}

function rangeStart({ headers }: IncomingMessage, etag: string): number {
  const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const same = headers['if-range'] === undefined || headers['if-range'] === etag;
  return start !== undefined && same ? Number(start) : 0;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
