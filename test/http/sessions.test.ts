import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type {
  KeptDetection,
  Session,
  SessionDetection,
  SessionSummary,
} from '../../src/protocol/session.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';

describe('sessions over HTTP', () => {
  let server: TestServer;
  let coffee: Buffer<ArrayBuffer>;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1', FOVEA_SESSION_MAX_TTL: '2h' });
    coffee = await photo('coffee.png');
  });
  after(async () => await server.close());

  const json = async <T>(response: Response, status = 200): Promise<T> => {
    const text = await response.text();
    assert.equal(response.status, status, text);
    return JSON.parse(text) as T;
  };
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    server.fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const begin = async (body?: unknown): Promise<Session> =>
    await json(await send('POST', '/api/v1/sessions', body), 201);
  const show = async (id: string): Promise<Session> =>
    await json(await server.fetch(`/api/v1/sessions/${id}`));
  const detect = async (path: string, image = coffee): Promise<SessionDetection> =>
    await json(await server.fetch(path, { method: 'POST', body: form(image) }));

  it('has one shape everywhere, from created over active to ended', async () => {
    const made = await begin({ metadata: { camera: 7, place: 'Tür' }, ttl_seconds: 60 });
    assert.deepEqual(Object.keys(made), [
      'session_id',
      'status',
      'metadata',
      'created_at',
      'last_activity',
      'expires_at',
      'detection_count',
    ]);
    assert.deepEqual([made.status, made.detection_count], ['created', 0]);
    assert.deepEqual(made.metadata, { camera: 7, place: 'Tür' });
    assert.equal(Date.parse(made.expires_at) - Date.parse(made.last_activity), 60_000);
    const { session_id: id } = made;
    assert.deepEqual(await show(id), made, 'looking is no activity');

    const path = `/api/v1/sessions/${id}`;
    const edited = await json<Session>(await send('PATCH', path, { metadata: { camera: 8 } }));
    assert.deepEqual([edited.metadata, edited.status], [{ camera: 8 }, 'created']);
    assert.ok(edited.expires_at > made.expires_at);

    const found = await detect(`${path}/detect`);
    assert.deepEqual([found.session_id, found.degraded], [id, []]);
    const active = await show(id);
    assert.deepEqual([active.status, active.detection_count], ['active', 1]);
    const listed = await json<{ items: Session[] }>(
      await server.fetch('/api/v1/sessions?status=active'),
    );
    assert.deepEqual(listed.items[0], active);

    const ended = await json<Session>(await send('DELETE', path));
    assert.deepEqual(ended, { ...active, status: 'ended' });
    assert.deepEqual(await json<Session>(await send('DELETE', path)), ended);
    assert.deepEqual(await show(id), ended);
    await assertError(await send('PATCH', path, { metadata: {} }), 409, 'SESSION_ENDED');
    const late = await server.fetch(`${path}/detect`, { method: 'POST', body: form(coffee) });
    await assertError(late, 409, 'SESSION_ENDED');
  });

  it('tells what expired from what never was', async () => {
    const { session_id: id, expires_at: expires } = await begin({ ttl_seconds: 1 });
    await until('expiry', () => Date.now() >= Date.parse(expires));
    const path = `/api/v1/sessions/${id}`;
    for (const response of [
      await server.fetch(path),
      await send('PATCH', path, { metadata: {} }),
      await send('DELETE', path),
      await server.fetch(`${path}/detect`, { method: 'POST', body: form(coffee) }),
    ]) {
      const { details } = await assertError(response, 410, 'SESSION_EXPIRED');
      assert.equal(details['expired_at'], expires);
    }
    const history = await json<{ items: [] }>(await server.fetch(`${path}/detections`));
    assert.deepEqual(history.items, []);
    const unknown = `/api/v1/sessions/${randomUUIDv7()}`;
    await assertError(await server.fetch(unknown), 404, 'SESSION_NOT_FOUND');
    await assertError(await server.fetch(`${unknown}/detections`), 404, 'SESSION_NOT_FOUND');
    await assertError(await server.fetch(`${unknown}/summary`), 404, 'SESSION_NOT_FOUND');
    await assertError(
      await server.fetch(`${unknown}/detect`, { method: 'POST', body: form(coffee) }),
      404,
      'SESSION_NOT_FOUND',
    );
  });

  it('keeps to its bounds', async () => {
    const sessions = '/api/v1/sessions';
    for (const body of [
      { ttl_seconds: 7_201 },
      { ttl_seconds: 0 },
      { metadata: { long: 'x'.repeat(9_000) } },
      { metadata: ['no', 'object'] },
      { status: 'active' },
    ])
      await assertError(await send('POST', sessions, body), 400, 'REQUEST_INVALID');
    await assertError(await server.fetch(`${sessions}/no-uuid`), 400, 'REQUEST_INVALID');
    const { created_at: created, expires_at: expires } = await begin();
    assert.equal(Date.parse(expires) - Date.parse(created), 3_600_000);
  });

  it('lists page by page', async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 5; n += 1) ids.add((await begin()).session_id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: { items: Session[]; next_cursor: string | null } = await json(
        await server.fetch(`/api/v1/sessions?limit=2${query}`),
      );
      assert.ok(page.items.length <= 2);
      seen.push(...page.items.map(({ session_id: id }) => id));
      cursor = page.next_cursor;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(seen, seen.toSorted().toReversed());
    for (const id of ids) assert.ok(seen.includes(id));
  });

  it('follows objects over frames, under either name of the route, and sums up', async () => {
    const { session_id: id } = await begin();
    const frames = [
      await detect(`/detect/${id}?keep_frame=true`),
      await detect(`/api/v1/detect/${id}`),
      await detect(`/api/v1/sessions/${id}/detect`),
      await detect(`/api/v1/sessions/${id}/detect`, await photo('astronaut.png')),
    ];
    const cups = frames.slice(0, 3).map(({ detections }) => detections[0]);
    assert.deepEqual(
      cups.map((cup) => cup?.label),
      ['cup', 'cup', 'cup'],
    );
    assert.ok(cups[0]?.track_id);
    assert.equal(new Set(cups.map((cup) => cup?.track_id)).size, 1);

    const path = `/api/v1/sessions/${id}`;
    type History = { items: KeptDetection[]; next_cursor: string | null };
    const all = await json<History>(await server.fetch(`${path}/detections`));
    const shown = all.items.map(({ created_at: _at, ...detection }) => detection);
    assert.deepEqual(shown, frames.toReversed(), 'history is what was answered, newest first');
    const people = await json<History>(await server.fetch(`${path}/detections?class=person`));
    assert.deepEqual(
      people.items.map(({ detection_id: one }) => one),
      [frames[3]?.detection_id],
    );
    const first = await json<History>(await server.fetch(`${path}/detections?limit=3`));
    const rest = await json<History>(
      await server.fetch(`${path}/detections?limit=3&cursor=${first.next_cursor}`),
    );
    assert.deepEqual([...first.items, ...rest.items], all.items);
    assert.equal(rest.next_cursor, null);

    const [kept, unkept] = frames;
    const frame = await server.fetch(`${path}/detections/${kept?.detection_id}/frame`);
    assert.equal(frame.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await frame.arrayBuffer()), coffee);
    assert.equal(unkept?.image_id, null);
    await assertError(
      await server.fetch(`${path}/detections/${unkept?.detection_id}/frame`),
      404,
      'IMAGE_NOT_FOUND',
    );
    await assertError(
      await server.fetch(`${path}/detections/${randomUUIDv7()}`),
      404,
      'DETECTION_NOT_FOUND',
    );

    const summary = await json<SessionSummary>(await server.fetch(`${path}/summary`));
    const cup = summary.classes.find(({ label }) => label === 'cup');
    const track = summary.tracks.find(({ track_id: one }) => one === cups[0]?.track_id);
    assert.deepEqual([summary.detection_count, cup?.frames, track?.frames], [4, 3, 3]);
    const times = all.items.map(({ created_at: at }) => at).toReversed();
    assert.deepEqual([summary.first_at, summary.last_at], [times[0], times[3]]);
    assert.deepEqual([cup?.first_seen, cup?.last_seen], [times[0], times[2]]);
    const slowest = Math.max(...frames.map(({ timings_ms: ms }) => ms.total));
    assert.ok(Math.abs((summary.latency_ms?.max ?? 0) - slowest) < 0.01);
  });

  it('answers a bad frame with its error, and counts nothing', async () => {
    const { session_id: id } = await begin();
    const bad = form(Buffer.from('no image at all'));
    const path = `/api/v1/sessions/${id}`;
    const response = await server.fetch(`${path}/detect`, { method: 'POST', body: bad });
    await assertError(response, 415, 'IMAGE_FORMAT_UNSUPPORTED');
    const { status, detection_count: count } = await show(id);
    assert.deepEqual([status, count], ['active', 0]);
    const other = await server.fetch(`${path}/detect?model=nobody`, {
      method: 'POST',
      body: form(coffee),
    });
    await assertError(other, 404, 'MODEL_NOT_FOUND');
  });
});
