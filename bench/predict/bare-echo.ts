import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';

/** What the web framework alone can do: JSON in, the same JSON out. */
const app = fastify();
app.post('/', async (request) => request.body);
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as AddressInfo).port);
