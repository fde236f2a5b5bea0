import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Validation } from '../../src/protocol/image.ts';
import { assertError, photo, startTestServer, type TestServer } from '../support/server.ts';

/** Another host of this machine: 127.0.0.2 stands in for a public one, 127.0.0.1 for a private one. */
async function serve(
  address: string,
  image: Buffer,
  hits: string[],
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    hits.push(request.url ?? '');
    if (request.url === '/away')
      response
        .writeHead(302, {
          location: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`,
        })
        .end();
    else response.writeHead(200, { 'content-type': 'image/png' }).end(image);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('image_url', () => {
  let server: TestServer;
  let other: { server: Server; port: number };
  const hits: string[] = [];
  before(async () => {
    other = await serve('127.0.0.2', await photo('astronaut.png'), hits);
    server = await startTestServer({
      FOVEA_REMOTE_PROTOCOLS: 'http,https',
      FOVEA_REMOTE_PORTS: 'any',
      FOVEA_REMOTE_NETWORKS: '127.0.0.2/32',
      FOVEA_REMOTE_TIMEOUT: '10s',
    });
  });
  after(async () => {
    await server.close();
    other.server.close();
  });

  const validate = (url: string): Promise<Response> =>
    server.fetch('/api/validate/image', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image_url: url }),
    });

  it('takes an image by URL, as JSON or as a form field, and gives the id that an upload gets', async () => {
    const url = `http://127.0.0.2:${other.port}/photo.png`;
    const response = await validate(url);
    assert.equal(response.status, 200, await response.clone().text());
    const { image_id: id } = (await response.json()) as Validation;
    const fields = new FormData();
    fields.set('image_url', url);
    const analyzed = (await (
      await server.fetch('/api/analyze/image', { method: 'POST', body: fields })
    ).json()) as { image_id: string; faces: unknown[] };
    assert.deepEqual([analyzed.image_id, analyzed.faces.length], [id, 1]);
    const kept = (await (await server.fetch(`/api/v1/images/${id}`)).json()) as { source: string };
    assert.equal(kept.source, 'url');
  });

  it('reaches nothing private, however it is written', async () => {
    const { port } = server.url.startsWith('http') ? new URL(server.url) : { port: '' };
    const before = hits.length;
    for (const url of [
      `http://127.0.0.1:${port}/health/live`,
      `http://localhost:${port}/`,
      `http://0x7f.1:${port}/`,
      `http://[::1]:${port}/`,
      'http://169.254.169.254/latest/meta-data/',
      'http://10.0.0.1/',
    ])
      await assertError(await validate(url), 403, 'IMAGE_URL_FORBIDDEN');
    await assertError(await validate('file:///etc/passwd'), 403, 'IMAGE_URL_FORBIDDEN');
    await assertError(await validate('http://user:secret@127.0.0.2/'), 400, 'IMAGE_URL_INVALID');
    await assertError(await validate('not a url'), 400, 'IMAGE_URL_INVALID');
    assert.equal(hits.length, before);
  });

  it('follows no redirect into a private network', async () => {
    await assertError(
      await validate(`http://127.0.0.2:${other.port}/away`),
      403,
      'IMAGE_URL_FORBIDDEN',
    );
    assert.ok(!hits.includes('/secret'));
  });

  it('says when nothing answers there', async () => {
    await assertError(await validate('http://127.0.0.2:9/'), 424, 'IMAGE_URL_UNREACHABLE');
  });

  it('writes no URL with its query into the log', () => {
    assert.doesNotMatch(JSON.stringify(server.logs), /secret@/);
  });
});
