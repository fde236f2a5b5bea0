import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { uniqueImage } from '../../bench/analyze/unique-images.ts';
import { startTestServer, until, type TestServer } from '../support/server.ts';
import { whole } from './load.ts';

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: number;
}

const clients = 6;
const kills = 3;

describe('a worker killed under load', { concurrency: false }, () => {
  let server: TestServer;
  let serial = 0;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '2' });
  });
  after(async () => await server.close());

  const stats = () => server.inference.engine.stats().get('vision');
  const open = () => stats()?.workers.filter(({ state }) => state === 'open') ?? [];
  /** What the log says of workers that ended. */
  const ends = () =>
    server.logs.filter(({ msg, group }) => msg === 'worker ended' && group === 'vision');

  async function frame(session: string): Promise<Answer> {
    const response = await whole(
      server.fetch(`/api/v1/sessions/${session}/detect`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: uniqueImage((serial += 1)),
      }),
    );
    const { status, headers } = response;
    const { error } = (await response.json()) as { readonly error?: { readonly code: string } };
    return { status, code: error?.code, retryAfter: Number(headers.get('retry-after')) };
  }

  it('costs what it held, each answered once and retryable, and nothing else', async () => {
    const json = { 'content-type': 'application/json' };
    const created = await server.fetch('/api/v1/sessions', {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    const { session_id: session } = (await created.json()) as { readonly session_id: string };
    const answers: Answer[] = [];
    const over = new AbortController();
    const load = Array.from({ length: clients }, async () => {
      while (!over.signal.aborted) answers.push(await frame(session));
    });
    let held = 0;
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        await until(
          'both workers to work',
          () => open().every(({ running }) => running > 0) && open().length === 2,
          60_000,
        );
        const [victim, other] = open();
        assert.ok(victim?.pid && other?.pid);
        process.kill(victim.pid, 'SIGKILL');
        await until('its end', () => ends().length === kill + 1, 60_000);
        const end = ends()[kill];
        assert.equal(end?.['pid'], victim.pid);
        held += Number(end?.['lost']);
        await until('its successor', () => open().length === 2, 60_000);
        assert.ok(
          open().some(({ pid }) => pid === other.pid),
          'the other one goes on',
        );
        const before = answers.length;
        await until('answers after it', () => answers.length >= before + clients, 60_000);
      }
    } finally {
      over.abort();
      await Promise.all(load);
    }
    const failed = answers.filter(({ status }) => status !== 200);
    for (const { status, code, retryAfter } of failed) {
      assert.deepEqual([status, code], [503, 'WORKER_LOST']);
      assert.ok(retryAfter >= 1);
    }
    assert.equal(failed.length, held, 'as many as the dead workers held');
    assert.ok(held <= 2 * kills, `${held} held by ${kills} workers of two jobs each`);
    assert.equal(ends().length, kills, 'no other worker ended');
    const summary = await server.fetch(`/api/v1/sessions/${session}`);
    const { detection_count: count } = (await summary.json()) as {
      readonly detection_count: number;
    };
    assert.equal(count, answers.length - failed.length, 'what was answered is counted, once');
    const ready = await whole(server.fetch('/health/ready'));
    assert.equal(ready.status, 200, await ready.text());
  });
});
