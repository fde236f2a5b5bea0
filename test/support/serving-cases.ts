import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TestServer } from './server.ts';

/** A model as people keep it, with rows and what the original library answers; written by `generate_serving.py`. */
export interface ServingCase {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly bytes: string }[];
  readonly inputs: readonly unknown[];
  readonly predictions: readonly unknown[];
  readonly probabilities?: readonly unknown[];
  readonly scores?: readonly unknown[];
  readonly targets?: readonly string[];
}

const file = new URL('../fixtures/sklearn/serving.json.gz', import.meta.url);

export const servingCases = JSON.parse(
  gunzipSync(readFileSync(file)).toString('utf8'),
) as readonly ServingCase[];

export function servingCase(name: string): ServingCase {
  const found = servingCases.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

/** Sends the files of a case, with fields; `samples` goes as a file. */
export async function sendCase(
  server: TestServer,
  { name, files, targets }: ServingCase,
  { samples, ...fields }: { samples?: unknown; name?: string; metadata?: string } = {},
): Promise<Response> {
  const form = new FormData();
  const metadata = targets ? { metadata: JSON.stringify({ targets }) } : {};
  for (const [field, value] of Object.entries({ name, ...metadata, ...fields }))
    form.set(field, value);
  for (const { name: own, bytes } of files)
    form.append('file', new Blob([Buffer.from(bytes, 'base64')]), own);
  if (samples !== undefined)
    form.set('samples', new Blob([JSON.stringify(samples)]), 'samples.json');
  return await server.fetch('/api/v1/models/upload', { method: 'POST', body: form });
}
