import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { form, photo, until } from '../support/server.ts';
import { descendants, isAlive, startFovea } from './process.ts';

describe('fovea serve', { concurrency: false }, () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-serve-'));
  });
  after(async () => await rm(folder, { recursive: true, maxRetries: 5 }));

  const environment = { PORT: '0' };

  async function start(
    more: Record<string, string> = {},
  ): Promise<ReturnType<typeof startFovea> & { url: string }> {
    const started = startFovea(['serve'], { ...environment, ...more }, folder);
    await until('the banner', () => started.stdout().includes('/health/ready'));
    const url = /API +(http:\/\/\S+)\/api\/v1/.exec(started.stdout())?.[1] ?? '';
    await until('readiness', async () => (await fetch(`${url}/health/ready`)).status === 200);
    await until(
      'the database',
      async () => !(await fetch(`${url}/health/live`)).headers.has('fovea-degraded'),
    );
    return { ...started, url };
  }

  it('says where everything is, answers, and ends with all its processes on SIGTERM', async () => {
    const { child, url, stdout, finished } = await start();
    for (const what of ['API', 'Docs', 'Health', 'Data', 'Models'])
      assert.match(stdout(), new RegExp(`^ +${what} `, 'm'));
    await until('the models', () => stdout().includes('blazeface-256 is ready'));
    const analyzed = await fetch(`${url}/api/analyze/image`, {
      method: 'POST',
      body: form(await photo('astronaut.png')),
    });
    assert.equal(analyzed.status, 200);
    const processes = descendants(child.pid ?? 0);
    assert.ok(processes.length >= 3, 'workers and postgres');
    child.kill('SIGTERM');
    assert.equal((await finished).code, 0);
    await until('the end of every process', () => !processes.some(isAlive));
  });

  it('leaves no process behind when it is killed, and comes back with its data', async () => {
    const { child, url, finished } = await start();
    const kept = (await (
      await fetch(`${url}/api/validate/image`, {
        method: 'POST',
        body: form(await photo('rocket.jpg')),
      })
    ).json()) as { image_id: string };
    const processes = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    await finished;
    await until('the end of every process', () => !processes.some(isAlive));
    const again = await start();
    const { items } = (await (await fetch(`${again.url}/api/v1/images`)).json()) as {
      items: { image_id: string }[];
    };
    assert.ok(items.some(({ image_id: id }) => id === kept.image_id));
    again.child.kill('SIGTERM');
    await again.finished;
  });

  it('refuses a second server on the same data directory, naming the first', async () => {
    const first = await start();
    const second = await startFovea(['serve'], environment, folder).finished;
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(String(first.child.pid)));
    assert.match(second.stderr, /FOVEA_DATA_DIR/);
    first.child.kill('SIGTERM');
    await first.finished;
  });

  it('says when its port is taken, and ends', async () => {
    const first = await start();
    const other = await mkdtemp(join(tmpdir(), 'fovea-serve-'));
    const second = await startFovea(['serve'], { PORT: new URL(first.url).port }, other).finished;
    assert.equal(second.code, 1);
    assert.match(second.stderr, /PORT=\d+ on HOST=127\.0\.0\.1 is in use/);
    assert.doesNotMatch(second.stderr, /at async/);
    first.child.kill('SIGTERM');
    await first.finished;
    await rm(other, { recursive: true, maxRetries: 5 });
  });

  it('ends without a word of complaint on SIGTERM while the first setup is under way', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'fovea-serve-'));
    const { child, stdout, finished } = startFovea(['serve'], environment, fresh);
    await until('the banner', () => stdout().includes('/health/ready'));
    child.kill('SIGTERM');
    const { code, stderr, stdout: said } = await finished;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /FoveaError|unhandled|at async/i);
    assert.doesNotMatch(said, /failed/);
    await rm(fresh, { recursive: true, maxRetries: 5 });
  });

  it('goes not ready first and finishes what is under way on SIGTERM', async () => {
    const { child, url, finished } = await start({ FOVEA_DRAIN_GRACE: '5s', FOVEA_WORKERS: '1' });
    const image = await photo('astronaut.png');
    const underWay = fetch(`${url}/api/analyze/image?wipe_cache=true`, {
      method: 'POST',
      body: form(image),
    });
    child.kill('SIGTERM');
    await until('not ready', async () => (await fetch(`${url}/health/ready`)).status === 503);
    const late = await fetch(`${url}/api/analyze/image`, { method: 'POST', body: form(image) });
    assert.deepEqual(
      [(await underWay).status, late.status],
      [200, 200],
      'during the grace nothing is refused',
    );
    assert.equal((await finished).code, 0);
  });
});
