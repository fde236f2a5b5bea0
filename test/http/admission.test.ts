import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { uniqueImage } from '../../bench/analyze/unique-images.ts';
import { startTestServer, until, type TestServer } from '../support/server.ts';

const queueLimit = 2;
const inWorker = 2;

interface Answer {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly retryAfter: number;
}

describe('admission of images', { concurrency: false }, () => {
  let server: TestServer;
  let worker: number;
  let admitted: Promise<Answer>[] = [];
  let serial = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  before(async () => {
    server = await startTestServer({
      FOVEA_WORKERS: '1',
      FOVEA_QUEUE_LIMIT: String(queueLimit),
      FOVEA_REQUEST_TIMEOUT: '5m', // the worker is stopped meanwhile, which is not what is tried here
    });
    worker = stats()?.workers[0]?.pid ?? 0;
    assert.ok(worker > 0);
    // The worker holds some, the others wait: nothing else has a place until it goes on.
    process.kill(worker, 'SIGSTOP');
    admitted = Array.from({ length: inWorker + queueLimit }, async () => {
      const sent = post({ own: new Agent() });
      sent.end(uniqueImage((serial += 1)));
      return await answerTo(sent);
    });
    await until('a full queue', () => stats()?.queued === queueLimit, 60_000);
  });
  after(async () => {
    process.kill(worker, 'SIGCONT');
    agent.destroy();
    await server.close();
  });

  const stats = () => server.inference.engine.stats().get('vision');
  const post = ({ path = '/api/v1/detect', headers = {}, own = agent } = {}): ClientRequest =>
    request(`${server.url}${path}`, {
      method: 'POST',
      agent: own,
      headers: { 'content-type': 'image/jpeg', ...headers },
    });

  it('refuses before the body has come', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    await once(socket, 'connect');
    socket.write(
      `POST /api/v1/detect HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: image/jpeg\r\nContent-Length: 1000000\r\n\r\n`,
    );
    let text = '';
    socket.on('data', (chunk: string) => (text += chunk));
    await until('the answer', () => text.includes('QUEUE_FULL'), 60_000);
    socket.destroy();
    assert.match(text, /^HTTP\/1\.1 503 /);
    assert.match(text, /\r\nretry-after: [1-9]/i);
  });

  it('tells who asks first not to send at all', async () => {
    const sent = post({ headers: { expect: '100-continue', 'content-length': '1000000' } });
    let continued = false;
    sent.on('continue', () => (continued = true));
    sent.flushHeaders();
    const answer = await answerTo(sent);
    sent.destroy();
    assert.deepEqual([answer.status, answer.code, continued], [503, 'QUEUE_FULL', false]);
    assert.ok(answer.retryAfter >= 1);
  });

  it('answers a sender who sends all the same, and keeps the connection', async () => {
    const ports = new Set<number | undefined>();
    for (const path of ['/api/v1/detect', '/api/validate/image', '/api/analyze/image'])
      for (const bytes of [100_000, 4_000_000]) {
        const sent = post({ path });
        sent.once('socket', ({ localPort }) => ports.add(localPort));
        sent.end(Buffer.alloc(bytes, uniqueImage((serial += 1))));
        const { status, code, retryAfter } = await answerTo(sent);
        assert.deepEqual([status, code], [503, 'QUEUE_FULL'], `${path}, ${bytes} bytes`);
        assert.ok(retryAfter >= 1);
      }
    assert.equal(ports.size, 1, 'all on one connection');
  });

  it('goes on as soon as there is room, also for who asks first', async () => {
    process.kill(worker, 'SIGCONT');
    for (const { status } of await Promise.all(admitted)) assert.equal(status, 200);
    const body = uniqueImage((serial += 1));
    const sent = post({ headers: { expect: '100-continue', 'content-length': `${body.length}` } });
    sent.once('continue', () => sent.end(body));
    sent.flushHeaders();
    assert.equal((await answerTo(sent)).status, 200);
  });
});

async function answerTo(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = (await response.setEncoding('utf8').toArray()).join('');
  const { error } = JSON.parse(text) as { readonly error?: { readonly code: string } };
  const { statusCode: status, headers } = response;
  return { status, code: error?.code, retryAfter: Number(headers['retry-after']) };
}
