import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { errorCodes } from '../../src/errors.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';

describe('the HTTP contract', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({
      FOVEA_MAX_IMAGE_BYTES: '2MiB',
      FOVEA_ALLOWED_HOSTS: 'fovea.example',
    });
  });
  after(async () => await server.close());

  const post = (
    path: string,
    body: RequestInit['body'],
    headers: Record<string, string> = {},
  ): Promise<Response> => server.fetch(path, { method: 'POST', body: body ?? null, headers });

  /** A raw request, for headers that fetch does not let through. */
  async function raw(
    path: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; body: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    httpRequest(server.url + path, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
    return await promise;
  }

  it('carries a request id through: the given one when harmless, else a new one, also in the log', async () => {
    const given = await server.fetch('/api/v1/setup', { headers: { 'x-request-id': 'order-66' } });
    assert.equal(given.headers.get('x-request-id'), 'order-66');
    const fresh = await server.fetch('/api/v1/setup', {
      headers: { 'x-request-id': 'a b\u00e9'.slice(0, 3) },
    });
    assert.match(fresh.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    await until('the log line', () =>
      server.logs.some((line) => line['request_id'] === 'order-66' && line['msg'] === 'request'),
    );
  });

  it('says how long it took, on every response', async () => {
    assert.match(
      (await server.fetch('/health/live')).headers.get('server-timing') ?? '',
      /total;dur=/,
    );
    const analyzed = await post(
      '/api/v1/analyze/image?wipe_cache=true',
      form(await photo('astronaut.png')),
    );
    assert.match(
      analyzed.headers.get('server-timing') ?? '',
      /decode;dur=[\d.]+, preprocess;dur=[\d.]+, inference;dur=[\d.]+/,
    );
  });

  it('sends security headers', async () => {
    const { headers } = await server.fetch('/api/v1/setup');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-powered-by'), null);
  });

  it('answers mistakes in the one envelope', async () => {
    await assertError(await server.fetch('/api/v1/nothing'), 404, 'ROUTE_NOT_FOUND');
    const wrongMethod = await server.fetch('/api/v1/validate/image');
    assert.equal(wrongMethod.headers.get('allow'), 'POST');
    await assertError(wrongMethod, 405, 'METHOD_NOT_ALLOWED');
    await assertError(
      await post('/api/v1/analyze/by-id', '{"image_id": ', { 'content-type': 'application/json' }),
      400,
      'REQUEST_INVALID',
    );
    const issues = await assertError(
      await post('/api/v1/analyze/by-id', '{"image_id": "x"}', {
        'content-type': 'application/json',
      }),
      400,
      'REQUEST_INVALID',
    );
    assert.match(JSON.stringify(issues.details), /image_id/);
    await assertError(
      await post('/api/v1/analyze/by-id', '{"image_id": "04959a9e-593a-8c20-a10f-e49ad2ad0a2e"}', {
        'content-type': 'application/json',
      }),
      404,
      'IMAGE_NOT_FOUND',
    );
    await assertError(
      await post('/api/v1/analyze/image', 'x', { 'content-type': 'application/x-tar' }),
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    );
    await assertError(
      await post('/api/v1/analyze/by-id', `{"image_id": "${'x'.repeat(2_000_000)}"}`, {
        'content-type': 'application/json',
      }),
      413,
      'REQUEST_TOO_LARGE',
    );
    await assertError(await server.fetch('/api/v1/images/%ff'), 400, 'REQUEST_INVALID');
  });

  it('says what is wrong with an image request', async () => {
    await assertError(await post('/api/v1/validate/image', new FormData()), 400, 'IMAGE_MISSING');
    await assertError(
      await post('/api/v1/validate/image', '{}', { 'content-type': 'application/json' }),
      400,
      'IMAGE_MISSING',
    );
    await assertError(
      await post('/api/v1/validate/image', form(Buffer.alloc(0))),
      400,
      'IMAGE_EMPTY',
    );
    await assertError(
      await post('/api/v1/validate/image', form(Buffer.from('plain text'), {}, 'photo.png')),
      415,
      'IMAGE_FORMAT_UNSUPPORTED',
    );
    await assertError(
      await post('/api/v1/validate/image', form(Buffer.alloc(2 * 1024 * 1024 + 1, 255))),
      413,
      'IMAGE_TOO_LARGE',
    );
    await assertError(
      await post('/api/v1/validate/image', Buffer.alloc(3e6, 1), { 'content-type': 'image/png' }),
      413,
      'IMAGE_TOO_LARGE',
    );
    await assertError(
      await post(
        '/api/v1/validate/image',
        form(await photo('coffee.png'), { image_url: 'https://example.com/a.png' }),
      ),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await post(
        '/api/v1/validate/image',
        form(await photo('coffee.png'), { wipe_cache: 'perhaps' }),
      ),
      400,
      'REQUEST_INVALID',
    );
    const other = new FormData();
    other.set('picture', new Blob([await photo('coffee.png')]));
    await assertError(await post('/api/v1/validate/image', other), 400, 'REQUEST_INVALID');
    await assertError(
      await post(
        '/api/v1/validate/image',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        { 'content-type': 'multipart/form-data; boundary=x' },
      ),
      400,
      'REQUEST_INVALID',
    );
    await assertError(
      await post('/api/v1/validate/image', (await photo('astronaut.png')).subarray(0, 400_000), {
        'content-type': 'image/png',
      }),
      422,
      'IMAGE_CORRUPT',
    );
  });

  it('answers only to hosts that lead to it while it is open on loopback', async () => {
    assert.equal((await raw('/health/live', { host: 'fovea.example' })).status, 200);
    assert.equal((await raw('/health/live', { host: 'localhost:1' })).status, 200);
    const rebound = await raw('/health/live', { host: 'evil.example' });
    assert.equal(rebound.status, 403);
    assert.match(rebound.body, /HOST_NOT_ALLOWED/);
    assert.equal((await raw('/health/live', { origin: 'https://evil.example' })).status, 403);
    assert.equal((await raw('/health/live', { origin: 'null' })).status, 403);
    assert.equal((await raw('/health/live', { 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await raw('/health/live', { origin: 'http://localhost:5173' })).status, 200);
  });

  it('describes itself in OpenAPI 3.1, every route with its errors', async () => {
    const document = (await (await server.fetch('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { summary?: string; responses?: object; requestBody?: { content: object } }>
      >;
    };
    assert.match(document.openapi, /^3\.1/);
    for (const path of [
      '/api/v1/validate/image',
      '/api/v1/analyze/image',
      '/api/v1/analyze/by-id',
      '/api/v1/images/{id}',
      '/api/v1/setup',
      '/health/ready',
      '/metrics',
    ])
      assert.ok(document.paths[path], path);
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, route] of Object.entries(methods))
        assert.ok(route.summary, `${method} ${path} has no summary`);
    const body = document.paths['/api/v1/analyze/image']?.['post']?.requestBody?.content ?? {};
    assert.ok('multipart/form-data' in body && 'application/json' in body);
    assert.match(JSON.stringify(document), /IMAGE_FORMAT_UNSUPPORTED/);
  });

  it('names the nouns of the product once, and every name leads somewhere', async () => {
    const text = await (await server.fetch('/openapi.json')).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, object> } };
    const names = Object.keys(components.schemas);
    for (const noun of [
      'Error',
      'Image',
      'Analysis',
      'Face',
      'DetectedObject',
      'Session',
      'Detection',
    ])
      assert.ok(names.includes(noun), noun);
    for (const noun of ['Model', 'ModelVersion', 'Prediction', 'Job', 'Person', 'Collection'])
      assert.ok(names.includes(noun), noun);
    const used = new Set(text.match(/(?<="#\/components\/schemas\/)[^"]+/g));
    assert.deepEqual([...used].toSorted(), names.toSorted());
    assert.deepEqual(
      names.filter((name) => name.endsWith('Input')),
      [],
    );
    assert.ok(text.split('IMAGE_FORMAT_UNSUPPORTED').length <= 3, 'the codes stand in one place');
  });

  it('serves a reference page that asks no other host for anything', async () => {
    const page = await (await server.fetch('/docs')).text();
    assert.match(page, /<title>/);
    assert.doesNotMatch(page, /(src|href)="https?:/);
  });

  it('measures itself in Prometheus format', async () => {
    const text = await (await server.fetch('/metrics')).text();
    for (const name of [
      'fovea_http_request_duration_seconds_bucket',
      'fovea_analysis_stage_duration_seconds_bucket',
      'fovea_queue_pending_requests{group="vision"} 0',
      'fovea_model_ready{model="blazeface-256",version="1.2.0"} 1',
      'fovea_event_loop_delay_seconds{quantile="0.99"}',
      'fovea_errors_total{code="IMAGE_EMPTY"} 1',
      'fovea_database_up 1',
      'fovea_workers{group="vision",state="open"}',
    ])
      assert.ok(text.includes(name), name);
  });

  it('is healthy in every way', async () => {
    assert.deepEqual(await (await server.fetch('/health/live')).json(), { live: true });
    const ready = await server.fetch('/health/ready');
    assert.equal(ready.status, 200);
    const deep = await server.fetch('/health/deep');
    const state = (await deep.json()) as {
      checks: Record<string, { ok: boolean }>;
      checked_at: string;
    };
    assert.equal(deep.status, 200, JSON.stringify(state));
    assert.deepEqual(
      Object.values(state.checks).map(({ ok }) => ok),
      [true, true, true],
    );
    const again = (await (await server.fetch('/health/deep')).json()) as { checked_at: string };
    assert.equal(again.checked_at, state.checked_at, 'kept for a few seconds');
  });

  it('keeps secrets and codes outside the table out of the log', () => {
    for (const line of server.logs)
      if (line['code'] !== undefined)
        assert.ok(typeof line['code'] === 'string' && Object.hasOwn(errorCodes, line['code']));
  });
});
