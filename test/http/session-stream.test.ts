import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { WebSocket, type ClientOptions } from 'ws';
import type { Session } from '../../src/protocol/session.ts';
import type { StreamMessage } from '../../src/protocol/session-stream.ts';
import { photo, startTestServer, until, type TestServer } from '../support/server.ts';

interface Stream {
  readonly socket: WebSocket;
  readonly messages: StreamMessage[];
  readonly of: <T extends StreamMessage['type']>(type: T) => Extract<StreamMessage, { type: T }>[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

describe('a stream of frames', () => {
  let server: TestServer;
  let coffee: Buffer<ArrayBuffer>;
  let astronaut: Buffer<ArrayBuffer>;
  before(async () => {
    server = await startTestServer({
      FOVEA_WORKERS: '1',
      FOVEA_STREAM_IDLE: '5s', // longer than a session of a second takes to be seen as expired
      FOVEA_MAX_IMAGE_BYTES: '1MiB',
      FOVEA_STREAM_LIMIT: '6',
    });
    [coffee, astronaut] = [await photo('coffee.png'), await photo('astronaut.png')];
  });
  after(async () => await server.close());

  const begin = async (body: unknown = {}): Promise<string> => {
    const response = await server.fetch('/api/v1/sessions', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return ((await response.json()) as Session).session_id;
  };
  const open = async (id: string, options: ClientOptions = {}, query = ''): Promise<Stream> => {
    const url = `${server.url.replace('http', 'ws')}/api/v1/sessions/${id}/stream${query}`;
    const socket = new WebSocket(url, options);
    const messages: StreamMessage[] = [];
    socket.on('message', (data: Buffer) =>
      messages.push(JSON.parse(String(data)) as StreamMessage),
    );
    const closed = once(socket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: String(reason),
    }));
    await once(socket, 'open');
    await until('the greeting', () => messages.length > 0);
    const of: Stream['of'] = (type) => messages.filter((one) => one.type === type) as never;
    return { socket, messages, of, closed };
  };
  /** Status and code of a refused handshake. */
  const refused = async (
    path: string,
    options: ClientOptions = {},
  ): Promise<[number | undefined, string]> => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, options);
    const [request, response] = (await once(socket, 'unexpected-response')) as [
      { destroy: () => void },
      AsyncIterable<Buffer> & { statusCode?: number },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    request.destroy();
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { error: { code: string } };
    return [response.statusCode, body.error.code];
  };

  it('answers frames in order, with ids that last, and goes on after a bad one', async () => {
    const id = await begin();
    const stream = await open(id);
    const [ready] = stream.of('ready');
    assert.deepEqual([ready?.session.session_id, ready?.session.status], [id, 'created']);
    stream.socket.send(JSON.stringify({ type: 'options', queue: 32 }));
    for (const frame of [coffee, astronaut, Buffer.from('no image'), coffee, astronaut])
      stream.socket.send(frame);
    await until('five answers', () => stream.of('result').length + stream.of('error').length === 5);
    const answers = stream.messages.filter(({ type }) => type === 'result' || type === 'error');
    assert.deepEqual(
      answers.map((answer) => ('frame' in answer ? [answer.frame, answer.type] : [])),
      [
        [1, 'result'],
        [2, 'result'],
        [3, 'error'],
        [4, 'result'],
        [5, 'result'],
      ],
    );
    assert.equal(stream.of('error')[0]?.error.code, 'IMAGE_FORMAT_UNSUPPORTED');
    const trackOf = (frame: number, label: string): string | undefined =>
      stream
        .of('result')
        .find((answer) => answer.frame === frame)
        ?.detections.find((one) => one.label === label)?.track_id;
    assert.ok(trackOf(1, 'cup') && trackOf(2, 'person'));
    assert.equal(trackOf(4, 'cup'), trackOf(1, 'cup'), 'out of sight for a frame');
    assert.equal(trackOf(5, 'person'), trackOf(2, 'person'));
    stream.socket.close();
    const session = (await (await server.fetch(`/api/v1/sessions/${id}`)).json()) as Session;
    assert.deepEqual([session.status, session.detection_count], ['active', 4]);
  });

  it('drops the oldest frame that waits and says so', async () => {
    const stream = await open(await begin());
    stream.socket.send(JSON.stringify({ type: 'options', queue: 1 }));
    // Frames of their own, so that none is answered from memory: PNG readers skip what follows the end.
    const count = 12;
    for (let n = 0; n < count; n += 1)
      stream.socket.send(Buffer.concat([coffee, Buffer.from([n])]));
    const told = (): number[] => [
      ...stream.of('dropped').flatMap(({ frames }) => frames),
      ...stream.messages.flatMap((one) =>
        (one.type === 'result' || one.type === 'error') && one.frame !== null ? [one.frame] : [],
      ),
    ];
    await until('word of every frame', () => told().length === count);
    const all = Array.from({ length: count }, (_, n) => n + 1);
    assert.deepEqual(
      told().toSorted((a, b) => a - b),
      all,
    );
    const dropped = stream.of('dropped').flatMap(({ frames }) => frames);
    assert.ok(dropped.length >= 5, `dropped ${dropped.join(' ')}`);
    const order = stream.messages.flatMap((one) => {
      if (one.type === 'dropped') return one.frames;
      return 'frame' in one && one.frame !== null ? [one.frame] : [];
    });
    assert.deepEqual(order, all, 'in order, what was dropped too');
    assert.ok(!dropped.includes(count), 'the newest is never the one to go');
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(
      metrics,
      new RegExp(`fovea_stream_frames_total{outcome="dropped"} ${dropped.length}`),
    );
    stream.socket.close();
  });

  it('takes commands, and says what is wrong with one', async () => {
    const stream = await open(await begin());
    for (const text of [
      '{"type":"ping","id":7}',
      '{"type":"options","score":0.99}',
      '{',
      '{"type":"dance"}',
    ])
      stream.socket.send(text);
    await until('the answers', () => stream.messages.length === 5);
    assert.deepEqual(stream.of('pong'), [{ type: 'pong', id: 7 }]);
    assert.deepEqual(stream.of('options')[0]?.options, { queue: 4, score: 0.99 });
    assert.deepEqual(
      stream.of('error').map(({ frame, error }) => [frame, error.code]),
      [
        [null, 'REQUEST_INVALID'],
        [null, 'REQUEST_INVALID'],
      ],
    );
    stream.socket.send(astronaut);
    await until('the answer', () => stream.of('result').length === 1);
    assert.deepEqual(stream.of('result')[0]?.detections, [], 'no score is that great');
    stream.socket.close();
  });

  it('closes with a code that says why', async () => {
    const ended = await begin();
    const first = await open(ended);
    await server.fetch(`/api/v1/sessions/${ended}`, { method: 'DELETE' });
    assert.equal((await first.closed).code, 4409);
    const brief = await open(await begin({ ttl_seconds: 1 }));
    assert.equal((await brief.closed).code, 4410);
    const silent = await open(await begin());
    assert.equal((await silent.closed).code, 4408);
    const large = await open(await begin());
    large.socket.send(Buffer.alloc(1024 * 1024 + 1));
    assert.equal((await large.closed).code, 1009);
  });

  it('refuses a handshake with the error envelope', async () => {
    const id = await begin();
    const path = `/api/v1/sessions/${id}/stream`;
    const headers = { origin: 'https://evil.example' };
    assert.deepEqual(await refused(path, { headers }), [403, 'HOST_NOT_ALLOWED']);
    assert.deepEqual(await refused(`${path}?ticket=made-up`), [401, 'UNAUTHENTICATED']);
    const unknown = '/api/v1/sessions/01a1fd02-55bf-7e38-8bdd-4175c1f20679/stream';
    assert.deepEqual(await refused(unknown), [404, 'SESSION_NOT_FOUND']);
    await server.fetch(`/api/v1/sessions/${id}`, { method: 'DELETE' });
    assert.deepEqual(await refused(path), [409, 'SESSION_ENDED']);
    const plain = await server.fetch(`/api/v1/sessions/${await begin()}/stream`);
    assert.equal(plain.status, 400);
  });

  it('lets a ticket in once', async () => {
    const id = await begin();
    const response = await server.fetch(`/api/v1/sessions/${id}/stream-tickets`, {
      method: 'POST',
    });
    assert.equal(response.status, 201);
    const { ticket } = (await response.json()) as { ticket: string };
    const other = await begin();
    const wrong = `/api/v1/sessions/${other}/stream?ticket=${ticket}`;
    assert.deepEqual(await refused(wrong), [401, 'UNAUTHENTICATED']);
    const stream = await open(id, {}, `?ticket=${ticket}`);
    const again = `/api/v1/sessions/${id}/stream?ticket=${ticket}`;
    assert.deepEqual(await refused(again), [401, 'UNAUTHENTICATED']);
    stream.socket.close();
  });

  it('gives the room of a stream back, and no more than there is', async () => {
    const id = await begin();
    await until('room', async () =>
      (await (await server.fetch('/metrics')).text()).includes('fovea_streams 0'),
    );
    const streams: Stream[] = [];
    for (let n = 0; n < 6; n += 1) streams.push(await open(id));
    assert.deepEqual(await refused(`/api/v1/sessions/${id}/stream`), [503, 'QUEUE_FULL']);
    streams[0]?.socket.close();
    await streams[0]?.closed;
    await until('room', async () =>
      (await (await server.fetch('/metrics')).text()).includes('fovea_streams 5'),
    );
    for (const { socket } of streams.slice(1)) socket.terminate();
  });

  it('tells streams to go elsewhere when the server stops', async () => {
    const own = await startTestServer({ FOVEA_WORKERS: '1' });
    const response = await own.fetch('/api/v1/sessions', { method: 'POST' });
    const { session_id: id } = (await response.json()) as Session;
    const socket = new WebSocket(`${own.url.replace('http', 'ws')}/api/v1/sessions/${id}/stream`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await own.close();
    assert.equal((await closed)[0], 1001);
  });
});
