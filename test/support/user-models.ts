import assert from 'node:assert/strict';
import type { ModelVersion } from '../../src/protocol/model-version.ts';
import type { Prediction } from '../../src/protocol/prediction.ts';
import type { TestServer } from './server.ts';

/** Sends a model as the form that `POST models/upload` takes. */
export async function sendModel(
  server: TestServer,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): Promise<Response> {
  const form = new FormData();
  form.set('name', name);
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new Blob([bytes]), `${name}.onnx`);
  return await server.fetch('/api/v1/models/upload', { method: 'POST', body: form });
}

export async function uploadModel(
  server: TestServer,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): Promise<ModelVersion> {
  const response = await sendModel(server, name, bytes, fields);
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as ModelVersion;
}

export async function sendRows(
  server: TestServer,
  id: string,
  inputs: unknown,
  { query = '', ...more }: { query?: string; cache?: boolean } = {},
): Promise<Response> {
  return await server.fetch(`/api/v1/predict/${id}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs, ...more }),
  });
}

export async function predictRows(
  server: TestServer,
  id: string,
  inputs: unknown,
  options: { query?: string; cache?: boolean } = {},
): Promise<Prediction> {
  const response = await sendRows(server, id, inputs, options);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Prediction;
}

export async function sendJson(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return await server.fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

export async function getJson<T>(server: TestServer, path: string): Promise<T> {
  const response = await server.fetch(path);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as T;
}
