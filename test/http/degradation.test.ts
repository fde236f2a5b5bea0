import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Analysis } from '../../src/protocol/analysis.ts';
import type { KeptImage } from '../../src/protocol/image.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';
import { withComment } from '../degradation/load.ts';

describe('what still works when a part is lost', { concurrency: false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '2' });
  });
  after(async () => await server.close());

  const analyze = async (name: string): Promise<{ response: Response; found: Analysis }> => {
    const response = await server.fetch('/api/analyze/image?wipe_cache=true', {
      method: 'POST',
      body: form(await photo(name)),
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return { response, found: JSON.parse(text) as Analysis };
  };

  it('without the database: analyses, keeps, says so, and loses nothing', async () => {
    const { found: known } = await analyze('astronaut.png');
    const postmaster = Number(
      readFileSync(
        join(server.dataDirectory, 'postgres/cluster/data/postmaster.pid'),
        'utf8',
      ).split('\n')[0],
    );
    // Stopped, not killed: queries hang, as on a dead network, and no restart heals it.
    process.kill(postmaster, 'SIGSTOP');
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    for (const child of children) process.kill(child, 'SIGKILL');
    try {
      await until(
        'the loss to be noticed',
        async () =>
          (await server.fetch('/health/live')).headers.get('fovea-degraded') === 'database',
      );
      const { response, found } = await analyze('coffee.png');
      assert.equal(response.headers.get('fovea-degraded'), 'database');
      const byId = await server.fetch('/api/analyze/by-id', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ image_id: known.image_id }),
      });
      assert.equal(byId.status, 200, 'an image in memory is analysed by its id');
      const list = await server.fetch('/api/v1/images');
      assert.ok(Number(list.headers.get('retry-after')) >= 1);
      await assertError(list, 503, 'DATABASE_UNAVAILABLE');
      assert.equal(
        (await server.fetch('/health/ready')).status,
        200,
        'a request sent now succeeds',
      );
      const deep = (await (await server.fetch('/health/deep')).json()) as {
        checks: { database: { ok: boolean }; inference: { ok: boolean } };
      };
      assert.deepEqual([deep.checks.database.ok, deep.checks.inference.ok], [false, true]);
      process.kill(postmaster, 'SIGCONT');
      await until(
        'the database to return',
        async () => !(await server.fetch('/health/live')).headers.has('fovea-degraded'),
      );
      await until('the journaled record', async () => {
        const { items } = (await (await server.fetch('/api/v1/images')).json()) as {
          items: KeptImage[];
        };
        return items.some((item) => item.image_id === found.image_id);
      });
    } finally {
      try {
        process.kill(postmaster, 'SIGCONT');
      } catch {
        // it was replaced
      }
    }
  });

  it('without a worker: only what it held fails, retryable, and ready stays true', async () => {
    const group = server.inference.engine.stats().get('vision');
    const victim = group?.workers[0]?.pid;
    assert.ok(victim);
    const coffee = await photo('coffee.png');
    // Different bytes each time, or they would be one piece of work.
    const requests = Array.from({ length: 8 }, (_, index) =>
      server.fetch('/api/analyze/image', {
        method: 'POST',
        body: form(withComment(coffee, index)),
      }),
    );
    await until(
      'work in the worker',
      () => (server.inference.engine.stats().get('vision')?.running ?? 0) > 0,
    );
    process.kill(victim, 'SIGKILL');
    const responses = await Promise.all(requests);
    const failed = responses.filter((response) => response.status !== 200);
    assert.ok(failed.length <= 2, `${failed.length} of 8 failed`);
    for (const response of failed) {
      assert.ok(response.headers.get('retry-after'));
      await assertError(response, 503, 'WORKER_LOST');
    }
    assert.equal((await server.fetch('/health/ready')).status, 200);
    await until(
      'the worker to be replaced',
      () =>
        (server.inference.engine
          .stats()
          .get('vision')
          ?.workers.filter(({ state }) => state === 'open').length ?? 0) === 2,
    );
  });
});
