import assert from 'node:assert/strict';
import { it } from 'node:test';
import { whole, withComment } from '../degradation/load.ts';
import { form, listeningTestServer, photo, until } from '../support/server.ts';

it('a burst of requests during the start, and room for one of them, keep no model from loading', async (t) => {
  const server = await listeningTestServer({ FOVEA_WORKERS: '1', FOVEA_QUEUE_LIMIT: '1' });
  t.after(async () => await server.close());
  const image = await photo('coffee.png');
  const seen = new Map<number, number>();
  const settled = new AbortController();
  let serial = 0;
  const client = async (): Promise<void> => {
    while (!settled.signal.aborted) {
      const body = form(withComment(image, serial++));
      const { status } = await whole(server.fetch('/api/v1/detect', { method: 'POST', body }));
      seen.set(status, (seen.get(status) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const load = Array.from({ length: 12 }, client);
  await server.settled;
  settled.abort();
  await Promise.all(load);
  const models = server.inference.registry.list();
  const loaded = models.filter(({ active, load: when }) => active && when !== 'lazy');
  assert.ok(loaded.length > 4, `${loaded.length} models`);
  for (const { name, state, reason } of loaded) assert.equal(state, 'ready', `${name}: ${reason}`);
  assert.ok((seen.get(503) ?? 0) > 5, 'and what found no room was refused');
  await until('readiness', async () => (await server.fetch('/health/ready')).status === 200);
});
