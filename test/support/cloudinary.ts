/**
 * What Cloudinary's upload API documents, as far as blobs need it: signed upload, explicit, destroy and download of raw
 * assets. It refuses what is not signed as https://cloudinary.com/documentation/authentication_signatures says.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  CloudinaryBlobStore,
  type CloudinaryOptions,
} from '../../src/blobs/cloudinary-blob-store.ts';

/** For `NODE_EXTRA_CA_CERTS` of a server that shall trust it. */
export const cloudinaryCertificate = fileURLToPath(new URL('tls/certificate.pem', import.meta.url));
const certificate = readFileSync(cloudinaryCertificate, 'utf8');
const key = readFileSync(new URL('tls/key.pem', import.meta.url), 'utf8');
const account = { cloudName: 'test-cloud', apiKey: '123456', apiSecret: 'a secret' };
const unsigned = new Set(['file', 'api_key', 'resource_type', 'cloud_name', 'signature']);

/** What it does with every request: its work, an answer of that status, or nothing at all. */
export type CloudinaryMood = 'works' | 401 | 503 | 'hangs';

export interface TestCloudinary {
  readonly port: number;
  /** For `CLOUDINARY_URL`. */
  readonly url: string;
  /** From the next request on; requests that hang are let go. */
  readonly become: (mood: CloudinaryMood) => void;
  /** Public ids of what it holds. */
  readonly held: () => string[];
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object | Buffer;
}

export async function launchCloudinary(): Promise<TestCloudinary> {
  const assets = new Map<string, Buffer>();
  let mood: CloudinaryMood = 'works';
  const server = createServer({ cert: certificate, key }, (request, response) => {
    if (mood === 'hangs') return void request.resume();
    const answer = async (): Promise<void> => {
      const { status, body } =
        mood === 401 || mood === 503
          ? failure(mood, 'as the test says')
          : await handle(request, assets);
      request.resume();
      response.writeHead(status).end(body instanceof Buffer ? body : JSON.stringify(body));
    };
    void answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { cloudName, apiKey, apiSecret } = account;
  const credentials = `${apiKey}:${encodeURIComponent(apiSecret)}`;
  return {
    port,
    url: `cloudinary://${credentials}@${cloudName}/photos?upload_prefix=https://127.0.0.1:${port}`,
    become: (next) => {
      if (mood === 'hangs') server.closeAllConnections();
      mood = next;
    },
    held: () => [...assets.keys()],
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export function cloudinaryStore(
  port: number,
  options: Partial<CloudinaryOptions> = {},
): CloudinaryBlobStore {
  return new CloudinaryBlobStore({
    ...account,
    folder: 'images',
    timeoutMs: 10_000,
    maxBytes: 64 * 1024 * 1024,
    apiUrl: `https://127.0.0.1:${port}`,
    ca: certificate,
    ...options,
  });
}

async function handle(request: IncomingMessage, assets: Map<string, Buffer>): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const [, , cloud, resourceType, action] = url.pathname.split('/');
  const { fields, file } =
    request.method === 'POST'
      ? await formOf(request)
      : { fields: Object.fromEntries(url.searchParams), file: undefined };
  const id = fields['public_id'] ?? '';
  if (cloud !== account.cloudName || resourceType !== 'raw' || fields['type'] !== 'authenticated')
    return failure(400, 'not a raw, authenticated asset of this cloud');
  const stale = Math.abs(Date.now() / 1000 - Number(fields['timestamp'])) > 3600;
  if (fields['api_key'] !== account.apiKey || stale || fields['signature'] !== signatureOf(fields))
    return failure(401, 'Invalid Signature');
  if (action === 'upload' && file) {
    assets.set(id, file);
    return { status: 200, body: { public_id: id, bytes: file.length } };
  }
  const asset = assets.get(id);
  if (action === 'destroy')
    return { status: 200, body: { result: assets.delete(id) ? 'ok' : 'not found' } };
  if (asset === undefined) return failure(404, `Resource not found - ${id}`);
  if (action === 'explicit') return { status: 200, body: { public_id: id, bytes: asset.length } };
  if (action === 'download') return { status: 200, body: asset };
  return failure(400, `unknown action ${action ?? ''}`);
}

function failure(status: number, message: string): Answer {
  return { status, body: { error: { message } } };
}

/** All parameters but some, sorted, `&` between them, the secret behind, SHA-1. An `&` in a value is escaped. */
function signatureOf(fields: Readonly<Record<string, string>>): string {
  const signed = Object.entries(fields)
    .filter(([name, value]) => !unsigned.has(name) && value !== '')
    .map(([name, value]) => `${name}=${value}`.replaceAll('&', '%26'))
    .toSorted();
  return createHash('sha1')
    .update(signed.join('&') + account.apiSecret)
    .digest('hex');
}

async function formOf(
  request: IncomingMessage,
): Promise<{ fields: Record<string, string>; file: Buffer | undefined }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  const fields: Record<string, string> = {};
  let file: Buffer | undefined;
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else file = Buffer.from(await value.arrayBuffer());
  }
  return { fields, file };
}
