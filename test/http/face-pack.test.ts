import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FacesEmbedded, FacesFound, Verification } from '../../src/protocol/faces.ts';
import type { SetupEvent, SetupStatus } from '../../src/protocol/setup.ts';
import { FakeHub } from '../support/fake-hub.ts';
import { packFrom, randomBuffalo, zipOf } from '../support/face-pack.ts';
import { PeopleClient, type Part } from '../support/people.ts';
import { assertError, photo, startTestServer, until, type TestServer } from '../support/server.ts';

const terms = 'insightface-non-commercial';
const parts = ['recognition', 'detection', 'attributes', 'points-106', 'points-68'];

/** The weights are random: what is found is no face, but every layout of the pack is gone through. */
test('buffalo_l arrives as an archive, under its terms, and serves faces', async (t) => {
  const models = await mkdtemp(join(tmpdir(), 'fovea-pack-'));
  const running: TestServer[] = [];
  t.after(async () => {
    await Promise.all(running.map((server) => server.close()));
    await rm(models, { recursive: true, force: true, maxRetries: 5 });
  });
  const hub = await FakeHub.start(t);
  const files = randomBuffalo();
  hub.add('acme/packs/main/buffalo_l.zip', await zipOf(files));
  packFrom('hf:acme/packs@main:buffalo_l.zip', 'buffalo_l', files);
  const settings = {
    FOVEA_MODELS_DIR: models,
    FOVEA_FACE_PACK: 'buffalo_l',
    FOVEA_WORKERS: '1',
    HF_ENDPOINT: hub.url,
  };
  const start = async (more: Record<string, string> = {}): Promise<TestServer> => {
    const server = await startTestServer({ ...settings, ...more });
    running.push(server);
    return server;
  };
  const server = await start();
  const setup = async (body: unknown): Promise<Response> =>
    await server.fetch('/api/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await assertError(await setup({ packs: ['buffalo_l'] }), 403, 'LICENCE_NOT_ACCEPTED');
  assert.equal(hub.requests.length, 0, 'nothing is fetched before');

  hub.pauseMs = 5;
  const events = followed(server);
  const accepted = await setup({ packs: ['buffalo_l'], accept_licences: [terms] });
  assert.equal(accepted.status, 202);
  const seen = (await events).flatMap((event) => event.models);
  for (const part of parts)
    assert.ok(
      seen.some(({ name, state }) => name === `buffalo_l-${part}` && state === 'ready'),
      part,
    );
  assert.ok(seen.some(({ state, transfer }) => state === 'fetching' && transfer?.bytes_total));
  assert.equal(hub.seen('cdn').length, 1, 'one archive for all of them');
  await until('the run is over', async () => (await statusOf(server)).state !== 'running');
  const { packs } = await statusOf(server);
  const pack = packs.find(({ name }) => name === 'buffalo_l');
  assert.deepEqual([pack?.state, pack?.active], ['present', true]);
  const left = await readdir(join(models, '.archives')).catch(() => []);
  assert.ok(!left.some((name) => name.endsWith('.zip')), 'the archive is not kept');

  const embedding = await looks(server);
  await server.close();
  running.pop();
  hub.stop();
  const again = await start({ FOVEA_OFFLINE: 'true' });
  assert.deepEqual(await looks(again), embedding, 'the same, offline, from the models folder');
});

async function statusOf(server: TestServer): Promise<SetupStatus> {
  return (await (await server.fetch('/api/setup')).json()) as SetupStatus;
}

/** Every event until all models of the pack are ready. */
async function followed(server: TestServer): Promise<SetupEvent[]> {
  const response = await server.fetch('/api/setup/events', {
    signal: AbortSignal.timeout(180_000),
  });
  const events: SetupEvent[] = [];
  const ready = new Set<string>();
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const [, data] of blocks.flatMap((block) => [...block.matchAll(/^data: (.*)$/gm)]))
      events.push(JSON.parse(data ?? '') as SetupEvent);
    for (const { name, state } of events.at(-1)?.models ?? [])
      if (name.startsWith('buffalo_l-') && state === 'ready') ready.add(name);
    if (ready.size === parts.length) break;
  }
  return events;
}

/** Asks for everything that the pack can; resolves with an embedding. */
async function looks(server: TestServer): Promise<number[]> {
  const client = new PeopleClient(server);
  const astronaut = new Blob([await photo('astronaut.png')]);
  const coffee = new Blob([await photo('coffee.png')]);
  const ask = async <T>(path: string, ...fields: readonly Part[]): Promise<T> => {
    const response = await client.post(`/api/v1/faces/${path}`, fields);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as T;
  };
  const found = await ask<FacesFound>('analyze', ['file', astronaut], ['include', 'landmarks']);
  assert.equal(found.suite, 'buffalo_l');
  for (const part of parts.slice(1))
    assert.ok(
      found.models.some(({ name }) => name === `buffalo_l-${part}`),
      part,
    );
  const [face] = found.images[0]?.faces ?? [];
  assert.ok(face, 'random weights find something');
  assert.deepEqual([face.landmarks.length, face.landmarks_106?.length], [5, 106]);
  assert.equal(face.landmarks_68?.length, 68);
  assert.ok(Number.isFinite(face.age) && face.gender && Number.isFinite(face.pose.yaw));

  const largest = ['face', 'largest'] as const;
  const embedded = await ask<FacesEmbedded>('embed', ['file', astronaut], largest);
  assert.deepEqual([embedded.model.name, embedded.model.size], ['buffalo_l-recognition', 512]);
  assert.equal(embedded.model.threshold, 0.4);
  const { embedding = [], embedding_norm: norm = 0 } = embedded.images[0]?.faces[0] ?? {};
  assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5 && norm > 0);

  const verify = async (other: Blob): Promise<Verification> =>
    await ask<Verification>('verify', ['file1', astronaut], ['file2', other]);
  const same = await verify(astronaut);
  assert.ok(same.verified && same.similarity > 0.9999 && same.threshold === 0.4);
  assert.ok((await verify(coffee)).similarity < 0.9999);
  return embedding;
}
