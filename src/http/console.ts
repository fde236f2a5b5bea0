import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from './app-deps.ts';

/** Where `npm ci` builds the console to. */
const built = join(import.meta.dirname, '../../console/dist');

/** The page may load and reach nothing but this server; `blob:` is what it made itself. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Hashed names never change their content; the page that names them is asked for every time. */
const forever = 'public, max-age=31536000, immutable';

/** The console at `/app`: its files, and its one page at every other address under it. */
export async function serveConsole(app: App): Promise<void> {
  const config = { scope: 'public' } as const;
  const schema = { hide: true };
  app.get(
    '/app',
    { config, schema },
    async (_request, reply) => await reply.redirect('/app/', 308),
  );
  if (!existsSync(join(built, 'index.html'))) {
    app.get('/app/*', { config, schema }, async (_request, reply) => {
      await reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send('The console is not built. Run: npm run console\n');
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: built,
    serve: false,
    cacheControl: false,
    preCompressed: true,
  });
  app.get('/app/*', { config, schema }, async (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    const asset = path.startsWith('assets/');
    const file = asset || path === 'fovea.svg' ? path : 'index.html';
    return await reply
      .header('content-security-policy', policy)
      .header('permissions-policy', 'camera=(self), microphone=(), geolocation=()')
      .header('cache-control', asset ? forever : 'no-cache')
      .sendFile(file);
  });
}
