import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, it, type TestContext } from 'node:test';
import { Agent, buildConnector } from 'undici';
import { fetchRemote } from '../../src/remote/fetch-remote.ts';
import { checkedConnector } from '../../src/remote/policy-agent.ts';
import { closeServer, failure, namesOf, publicAddress, startServers } from './local-servers.ts';
import { testPolicy } from './local-servers.ts';

describe('checkedConnector', () => {
  it('looks at the peer, whatever the connection below was asked for', async (context) => {
    const remote = await startServers((_request, response) => response.end('public'));
    context.after(() => remote.close());
    const base = buildConnector({ allowH2: false });
    const astray: buildConnector.connector = (options, callback) =>
      base({ ...options, hostname: '127.0.0.1' }, callback);
    const agent = new Agent({ connect: checkedConnector(astray, testPolicy.allowedNetworks) });
    context.after(() => agent.destroy());
    const attempt = agent.request({
      origin: `http://public.test:${remote.port}`,
      path: '/',
      method: 'GET',
    });
    await assert.rejects(attempt, failure('IMAGE_URL_FORBIDDEN'));
    assert.equal(remote.secretHits(), 0);
  });
});

describe('https', () => {
  const tls = (name: string) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8');

  async function startHttps(context: TestContext): Promise<number> {
    const server = createServer(
      { key: tls('key'), cert: tls('certificate') },
      (request, response) => {
        if (request.url === '/down') response.writeHead(302, { location: 'http://public.test/' });
        response.end('image');
      },
    );
    server.listen(0, publicAddress);
    await once(server, 'listening');
    context.after(() => closeServer(server));
    return (server.address() as AddressInfo).port;
  }

  function get(url: string) {
    const lookup = namesOf({ 'public.test': [[publicAddress]], 'other.test': [[publicAddress]] });
    return fetchRemote(url, testPolicy, { signal: new AbortController().signal, lookup });
  }

  it('takes no certificate that it does not trust', async (context) => {
    const port = await startHttps(context);
    await assert.rejects(get(`https://public.test:${port}/`), failure('IMAGE_URL_UNREACHABLE'));
  });

  it('takes a trusted certificate for the name in the URL only, and never goes down', async (context) => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, tls('certificate')]);
    context.after(() => setDefaultCACertificates(before));
    const port = await startHttps(context);
    const result = await get(`https://public.test:${port}/`);
    assert.equal(result.bytes.toString(), 'image');
    assert.equal((await get(`https://PUBLIC.test.:${port}/`)).bytes.toString(), 'image');
    await assert.rejects(get(`https://other.test:${port}/`), failure('IMAGE_URL_UNREACHABLE'));
    const down = get(`https://public.test:${port}/down`);
    await assert.rejects(down, failure('IMAGE_URL_FORBIDDEN', { reason: 'downgrade' }));
  });
});
