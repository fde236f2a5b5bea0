import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fetchRemote } from '../../src/remote/fetch-remote.ts';
import type { LookupAll } from '../../src/remote/policy-agent.ts';
import type { RemotePolicy } from '../../src/remote/remote-policy.ts';
import {
  failure,
  namesOf,
  publicAddress,
  startServers,
  testPolicy,
  type PublicServer,
} from './local-servers.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const image = Buffer.from('not really an image, but 36 bytes long');

const routes: Record<string, Handler> = {
  '/image': (_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'set-cookie': 'a=b' });
    response.end(image);
  },
  '/echo': (request, response) => response.end(JSON.stringify(request.rawHeaders)),
  '/empty': (_request, response) => response.end(),
  '/404': (_request, response) => {
    response.statusCode = 404;
    response.end('127.0.0.1 not found');
  },
  '/500': (_request, response) => {
    response.statusCode = 500;
    response.end();
  },
  '/no-location': (_request, response) => {
    response.statusCode = 302;
    response.end();
  },
  '/loop': (_request, response) => redirectTo(response, '/loop'),
  '/declared': (_request, response) => {
    response.writeHead(200, { 'content-length': 10_000_000 });
    response.write('x'); // and no more: the refusal must not wait for the body
  },
  '/endless': (_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  },
  '/gzip': (_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(Buffer.alloc(20_000_000)));
  },
  '/identity': (_request, response) => {
    response.setHeader('content-encoding', 'Identity');
    response.end(image);
  },
  '/half': (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half of it', () => response.destroy());
  },
  '/drip': (_request, response) => {
    response.write('x');
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/silent': () => undefined,
  '/long-header': (_request, response) => {
    response.setHeader('x-long', 'x'.repeat(40_000));
    response.end(image);
  },
};

/** Far below the 60 s after which the test policy gives up by itself. */
const soon = { timeout: 40_000 };

let remote: PublicServer;

function redirectTo(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'set-cookie': 'session=1' });
  response.end('moved');
}

before(async () => {
  remote = await startServers((request, response) => {
    const url = new URL(request.url ?? '', 'http://public.test');
    const target = url.searchParams.get('to');
    if (target !== null) redirectTo(response, target.replaceAll('PORT', String(remote.port)));
    else routes[url.pathname]?.(request, response);
  });
});

after(async () => {
  assert.equal(remote.secretHits(), 0, 'a hidden server was reached');
  await remote.close();
});

const lookup = namesOf({ 'public.test': [[publicAddress]] });

function get(path: string, policy: Partial<RemotePolicy> = {}, names: LookupAll = lookup) {
  const url = path.startsWith('/') ? `http://public.test:${remote.port}${path}` : path;
  const options = { signal: new AbortController().signal, lookup: names };
  return fetchRemote(
    url.replaceAll('PORT', String(remote.port)),
    { ...testPolicy, ...policy },
    options,
  );
}

function redirecting(target: string): string {
  return `/?to=${encodeURIComponent(target)}`;
}

describe('fetchRemote', () => {
  it('returns bytes, declared type and final URL', async () => {
    const result = await get('/image#fragment');
    assert.deepEqual(result.bytes, image);
    assert.equal(result.contentType, 'image/png');
    assert.equal(result.finalUrl, `http://public.test:${remote.port}/image`);
  });

  it('returns no type and no bytes when there are none', async () => {
    const result = await get('/empty');
    assert.equal(result.bytes.length, 0);
    assert.equal(result.contentType, undefined);
  });

  it('sends its own headers and nothing else', async () => {
    const sent = JSON.parse((await get('/echo')).bytes.toString()) as string[];
    const names = sent.filter((_value, index) => index % 2 === 0).map((name) => name.toLowerCase());
    const expected = ['host', 'connection', 'user-agent', 'accept', 'accept-encoding'];
    assert.deepEqual(names.toSorted(), expected.toSorted());
    assert.ok(sent.includes('identity'));
  });

  it('follows redirects, without the cookies it is given', async () => {
    const result = await get(redirecting(redirecting('/echo')));
    assert.equal(result.finalUrl, `http://public.test:${remote.port}/echo`);
    assert.doesNotMatch(result.bytes.toString(), /cookie/i);
  });

  it('reaches an address literal that is allowed', async () => {
    assert.deepEqual((await get(`http://${publicAddress}:PORT/image`)).bytes, image);
  });

  it('closes the connection when it is done', soon, async () => {
    remote.server.keepAliveTimeout = 60_000;
    const arrived = once(remote.server, 'request');
    const attempt = get('/image');
    const [request] = await arrived;
    const closed = once(request.socket, 'close');
    await attempt;
    await closed;
  });

  it('uses no proxy from the environment', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    for (const name of names) process.env[name] = `http://127.0.0.1:${remote.port}`;
    try {
      assert.deepEqual((await get('/image')).bytes, image);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });
});

describe('fetchRemote refuses private addresses', () => {
  const hosts = ['127.0.0.1', '0x7f.1', '2130706433', '017700000001', '127.1', '0.0.0.0', '0'];
  const hosts6 = ['[::1]', '[::ffff:127.0.0.1]', '[::]', '[::7f00:1]', '[64:ff9b::7f00:1]'];
  const literals = [...hosts, ...hosts6].map((host) => `http://${host}:PORT/`);
  const metadata = ['http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/'];

  for (const url of [...literals, ...metadata]) {
    it(`as the URL ${url}`, async () => {
      await assert.rejects(get(url), { code: 'IMAGE_URL_FORBIDDEN' });
    });

    it(`as the target of a redirect, ${url}`, async () => {
      await assert.rejects(get(redirecting(url)), failure('IMAGE_URL_FORBIDDEN'));
    });
  }

  it('behind a name', async () => {
    const addresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '10.1.2.3'];
    for (const address of addresses) {
      const names = namesOf({ 'private.test': [[address]] });
      const attempt = get('http://private.test:PORT/', {}, names);
      await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN', { reason: 'address' }));
    }
  });

  it('behind a name that a redirect leads to', async () => {
    const names = namesOf({ 'public.test': [[publicAddress]], 'private.test': [['127.0.0.1']] });
    const attempt = get(redirecting('http://private.test:PORT/'), {}, names);
    await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN'));
  });

  it('behind localhost, with the real resolver', async () => {
    const options = { signal: new AbortController().signal };
    const attempt = fetchRemote(`http://localhost:${remote.port}/`, testPolicy, options);
    await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN'));
  });

  it('mixed among public ones, in any order', async () => {
    for (const answer of [
      [publicAddress, '127.0.0.1'],
      ['127.0.0.1', publicAddress],
      [publicAddress, '::1'],
    ]) {
      const attempt = get('/image', {}, namesOf({ 'public.test': [answer] }));
      await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN'));
    }
  });

  it('when the name changes its address between two fetches', async () => {
    const names = namesOf({ 'public.test': [[publicAddress], ['127.0.0.1']] });
    assert.deepEqual((await get('/image', {}, names)).bytes, image);
    await assert.rejects(get('/image', {}, names), failure('IMAGE_URL_FORBIDDEN'));
  });

  it('when the answer of the resolver changes after it was checked', async () => {
    let reads = 0;
    const shifting: LookupAll = async () => [
      {
        family: 4,
        get address() {
          reads += 1;
          return reads === 1 ? publicAddress : '127.0.0.1';
        },
      },
    ];
    assert.deepEqual((await get('/image', {}, shifting)).bytes, image);
  });

  it('when the resolver answers something that is no address', async () => {
    const attempt = get('/image', {}, namesOf({ 'public.test': [['127.1']] }));
    await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN'));
  });
});

describe('fetchRemote bounds redirects', () => {
  it('by number', async () => {
    const chain = redirecting(redirecting('/image'));
    assert.deepEqual((await get(chain, { maxRedirects: 2 })).bytes, image);
    const attempt = get(chain, { maxRedirects: 1 });
    await assert.rejects(attempt, failure('IMAGE_URL_UNREACHABLE', { max_redirects: 1 }));
    const none = get(redirecting('/image'), { maxRedirects: 0 });
    await assert.rejects(none, failure('IMAGE_URL_UNREACHABLE', { max_redirects: 0 }));
  });

  it('in a loop', async () => {
    const count = remote.requests().length;
    const attempt = get('/loop', { maxRedirects: 5 });
    await assert.rejects(attempt, failure('IMAGE_URL_UNREACHABLE', { max_redirects: 5 }));
    assert.equal(remote.requests().length - count, 6);
  });

  it('to the allowed domains, ports and protocols', async () => {
    const names = namesOf({ 'public.test': [[publicAddress]], 'other.test': [[publicAddress]] });
    const policy = { allowedDomains: ['public.test'] };
    const elsewhere = get(redirecting('http://other.test:PORT/image'), policy, names);
    await assert.rejects(elsewhere, failure('IMAGE_URL_FORBIDDEN', { reason: 'domain' }));
    const port = get(redirecting('http://public.test:22/'), { allowedPorts: [remote.port] });
    await assert.rejects(port, failure('IMAGE_URL_FORBIDDEN', { reason: 'port' }));
    const file = get(redirecting('file:///etc/passwd'));
    await assert.rejects(file, failure('IMAGE_URL_FORBIDDEN', { reason: 'protocol' }));
    const user = get(redirecting('http://public.test@127.0.0.1:PORT/'));
    await assert.rejects(user, failure('IMAGE_URL_INVALID'));
  });
});

describe('fetchRemote reports what the server does', () => {
  it('with its status', async () => {
    for (const status of [404, 500]) {
      await assert.rejects(get(`/${status}`), failure('IMAGE_URL_UNREACHABLE', { status }));
    }
    const attempt = get('/no-location');
    await assert.rejects(attempt, failure('IMAGE_URL_UNREACHABLE', { status: 302 }));
  });

  it('as unreachable when the name is unknown', async () => {
    const attempt = get('http://unknown.test/');
    await assert.rejects(attempt, failure('IMAGE_URL_UNREACHABLE', { reason: 'name_unresolved' }));
    const nothing = get('/image', {}, async () => []);
    await assert.rejects(nothing, failure('IMAGE_URL_UNREACHABLE', { reason: 'name_unresolved' }));
  });

  it('as unreachable when nobody listens', async () => {
    const attempt = get('http://public.test:1/');
    await assert.rejects(
      attempt,
      failure('IMAGE_URL_UNREACHABLE', { reason: 'connection_failed' }),
    );
  });

  it('as unreachable when the body breaks off', async () => {
    await assert.rejects(get('/half'), failure('IMAGE_URL_UNREACHABLE'));
  });

  it('as unreachable when the headers are too long', async () => {
    await assert.rejects(
      get('/long-header'),
      failure('IMAGE_URL_UNREACHABLE', { reason: 'headers_too_large' }),
    );
  });
});

describe('fetchRemote bounds the body', () => {
  it('by the declared length, before reading it', async () => {
    await assert.rejects(
      get('/declared'),
      failure('IMAGE_TOO_LARGE', { size_bytes: 10_000_000, max_bytes: 100_000 }),
    );
  });

  it('by the bytes that arrive when no length is declared', async () => {
    const closed = once(remote.events, 'closed');
    await assert.rejects(get('/endless'), failure('IMAGE_TOO_LARGE', { max_bytes: 100_000 }));
    await closed;
  });

  it('at exactly the limit', async () => {
    assert.equal((await get('/image', { maxBytes: image.length })).bytes.length, image.length);
    const attempt = get('/image', { maxBytes: image.length - 1 });
    await assert.rejects(attempt, failure('IMAGE_TOO_LARGE'));
  });

  it('by refusing compressed content', async () => {
    const attempt = get('/gzip');
    await assert.rejects(attempt, failure('IMAGE_URL_UNREACHABLE', { reason: 'content_encoding' }));
    assert.deepEqual((await get('/identity')).bytes, image);
  });
});

describe('fetchRemote bounds the time', () => {
  const quick = { totalTimeoutMs: 700 };

  for (const path of ['/silent', '/drip']) {
    it(`of ${path}`, soon, async () => {
      const closed = once(remote.events, 'closed');
      await assert.rejects(get(path, quick), failure('IMAGE_URL_TIMEOUT'));
      await closed;
    });
  }

  it('of a name lookup that never ends', soon, async () => {
    const never: LookupAll = () => new Promise(() => undefined);
    await assert.rejects(get('/image', quick, never), failure('IMAGE_URL_TIMEOUT'));
    const connect = get('/image', { connectTimeoutMs: 700 }, never);
    await assert.rejects(connect, failure('IMAGE_URL_TIMEOUT'));
  });

  it('of a TLS handshake that never ends, and closes the socket', soon, async () => {
    const mute = createTcpServer();
    mute.listen(0, publicAddress);
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    for (const policy of [quick, { connectTimeoutMs: 700 }]) {
      const accepted = once(mute, 'connection');
      const attempt = assert.rejects(
        get(`https://public.test:${port}/`, policy),
        failure('IMAGE_URL_TIMEOUT'),
      );
      const [socket] = await accepted;
      socket.resume();
      await Promise.all([attempt, once(socket, 'close')]);
    }
    mute.close();
  });
});

describe('fetchRemote when its caller leaves', () => {
  async function abortedGet(path: string, names = lookup): Promise<void> {
    const caller = new AbortController();
    const url = `http://public.test:${remote.port}${path}`;
    const attempt = fetchRemote(url, testPolicy, { signal: caller.signal, lookup: names });
    const rejected = assert.rejects(attempt, failure('REQUEST_CANCELLED'));
    setImmediate(() => caller.abort());
    await rejected;
  }

  it('before it begins: nothing is sent', async () => {
    const count = remote.requests().length;
    const options = { signal: AbortSignal.abort(), lookup };
    const attempt = fetchRemote(`http://public.test:${remote.port}/image`, testPolicy, options);
    await assert.rejects(attempt, failure('REQUEST_CANCELLED'));
    assert.equal(remote.requests().length, count);
  });

  it('during the name lookup', soon, async () => {
    await abortedGet('/image', () => new Promise(() => undefined));
  });

  for (const path of ['/silent', '/drip']) {
    it(`in the middle of ${path}: the connection is closed`, soon, async () => {
      const caller = new AbortController();
      const closed = once(remote.events, 'closed');
      const arrived = once(remote.server, 'request');
      const url = `http://public.test:${remote.port}${path}`;
      const attempt = fetchRemote(url, testPolicy, { signal: caller.signal, lookup });
      const rejected = assert.rejects(attempt, failure('REQUEST_CANCELLED'));
      await arrived;
      caller.abort();
      await Promise.all([rejected, closed]);
    });
  }
});
