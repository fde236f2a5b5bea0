import { open, type FileHandle } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';

/**
 * What bounds a prediction from below: the web framework alone (`/`: JSON in, the same JSON out),
 * and the web framework with a disk (`/durable`: the answer waits until as many bytes as a record of
 * the prediction log has are on it; requests at the same time share one sync). The file's path is
 * the first argument, the bytes of a record the second.
 */
const [, , path = '', bytes = '0'] = process.argv;
const record = Buffer.alloc(Number(bytes), 'x');
const file = await open(path, 'a');
let waiting: (() => void)[] = [];
let syncing = false;

async function sync(handle: FileHandle): Promise<void> {
  if (syncing) return;
  syncing = true;
  await Promise.resolve(); // all of this turn together
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await handle.write(Buffer.concat(group.map(() => record)));
    await handle.datasync();
    for (const done of group) done();
  }
  syncing = false;
}

const app = fastify();
app.post('/', async (request) => request.body);
app.post('/durable', async (request) => {
  await new Promise<void>((resolve, reject) => {
    waiting.push(resolve);
    sync(file).catch(reject);
  });
  return request.body;
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as AddressInfo).port);
