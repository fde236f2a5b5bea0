import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { locateSource } from '../../src/hub/sources.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import type { SetupEvent, SetupStatus } from '../../src/protocol/setup.ts';
import { runFovea } from '../cli/process.ts';
import { FakeHub } from '../support/fake-hub.ts';
import { assertError, startTestServer, until, type TestServer } from '../support/server.ts';
import { treeRegressor } from '../support/tabular-models.ts';

const terms = 'insightface-non-commercial';
const source = 'hf:acme/faces@main:detector.onnx';

/** Servers of the test that runs now. */
const running: TestServer[] = [];

/** A models folder with a manifest whose file is on a hub of the tests. */
async function setting(t: TestContext) {
  const models = await mkdtemp(join(tmpdir(), 'fovea-setup-'));
  t.after(async () => {
    // First who writes there.
    await Promise.all(running.splice(0).map((server) => server.close()));
    await rm(models, { recursive: true, force: true, maxRetries: 5 });
  });
  const fake = await FakeHub.start(t);
  const content = await readFile(await locateSource(blazeface256.files[0]?.source ?? ''));
  fake.add('acme/faces/main/detector.onnx', content);
  const directory = join(models, 'hub-faces', '1');
  await mkdir(directory, { recursive: true });
  const manifest = {
    ...blazeface256,
    name: 'hub-faces',
    version: '1',
    files: [{ path: 'model.onnx', source }],
  };
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const settings = {
    FOVEA_MODELS_DIR: models,
    HF_ENDPOINT: fake.url,
    FOVEA_WORKERS: '1',
    FOVEA_HUB_SILENCE: '500ms',
  };
  return { models, fake, content, settings };
}

async function start(settings: Record<string, string>): Promise<TestServer> {
  const server = await startTestServer(settings);
  running.push(server);
  return server;
}

async function post(server: TestServer, body?: unknown): Promise<Response> {
  return await server.fetch('/api/setup', {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

async function status(server: TestServer): Promise<SetupStatus> {
  return (await (await server.fetch('/api/setup')).json()) as SetupStatus;
}

async function model(server: TestServer, name: string) {
  return (await status(server)).models.find((each) => each.name === name);
}

/** Events of the stream until the condition holds. */
async function eventsUntil(
  server: TestServer,
  enough: (events: readonly { id: number; data: SetupEvent }[]) => boolean,
  headers: Record<string, string> = {},
) {
  const stop = new AbortController();
  const response = await server.fetch('/api/setup/events', {
    headers,
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(120_000)]),
  });
  assert.equal(response.status, 200);
  assert.match(String(response.headers.get('content-type')), /^text\/event-stream/);
  const events: { id: number; data: SetupEvent }[] = [];
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, id, data] = /^id: (\d+)\nevent: setup\ndata: (.*)$/.exec(part) ?? [];
      if (id && data) events.push({ id: Number(id), data: JSON.parse(data) as SetupEvent });
    }
    if (enough(events)) break;
  }
  stop.abort();
  return events;
}

test('a model of the hub arrives by itself, while its progress is told', async (t) => {
  const { fake, content, settings } = await setting(t);
  fake.misbehave(
    'hub',
    ...Array.from({ length: 5 }, () => ({ kind: 'status', status: 503 }) as const),
  );
  const server = await start(settings);
  const failed = await model(server, 'hub-faces');
  assert.equal(failed?.state, 'failed');
  assert.equal(failed.error?.code, 'HUB_UNREACHABLE');

  fake.pauseMs = 150;
  const following = eventsUntil(server, (events) =>
    events.some(({ data }) =>
      data.models.some(({ name, state }) => name === 'hub-faces' && state === 'ready'),
    ),
  );
  const accepted = await post(server);
  assert.equal(accepted.status, 202);
  assert.equal(((await accepted.json()) as SetupStatus).state, 'running');
  assert.equal((await post(server)).status, 202, 'the same again joins');
  const events = await following;
  assert.ok((events[0]?.data.models.length ?? 0) > 5, 'everything at first');
  const transfers = events.flatMap(({ data }) =>
    data.models.flatMap(({ name, transfer }) =>
      name === 'hub-faces' && transfer ? [transfer] : [],
    ),
  );
  assert.ok(transfers.length > 1);
  assert.ok(transfers.every(({ bytes_total: total }) => total === content.length));
  assert.ok(transfers.some(({ bytes_per_second: rate }) => rate !== undefined && rate > 0));
  assert.equal(fake.seen('cdn').length, 1);
  const ready = await model(server, 'hub-faces');
  assert.equal(ready?.size_bytes, content.length);
  const digest = createHash('sha256')
    .update(createHash('sha256').update(content).digest())
    .digest('hex');
  assert.equal(ready.digest, digest);

  const last = events.at(-2)?.id ?? 0;
  const missed = await eventsUntil(server, (some) => some.length > 0, {
    'last-event-id': String(last),
  });
  assert.ok((missed[0]?.id ?? 0) > last, 'only what came after');
});

test('a pack under terms needs their acceptance, which is kept with who and when', async (t) => {
  const { settings, models } = await setting(t);
  const server = await start({ ...settings, FOVEA_OFFLINE: 'true' });
  const error = await assertError(
    await post(server, { packs: ['buffalo_l'] }),
    403,
    'LICENCE_NOT_ACCEPTED',
  );
  assert.match(error.message, /fovea setup buffalo_l --accept-licence/);
  assert.equal((error.details['licences'] as { id: string }[])[0]?.id, terms);
  assert.equal(
    (await status(server)).models.some(({ pack }) => pack === 'buffalo_l'),
    false,
  );
  await assertError(await post(server, { packs: ['nothing'] }), 404, 'MODEL_NOT_FOUND');
  await assertError(await post(server, { pack: 'buffalo_l' }), 400, 'REQUEST_INVALID');

  assert.equal(
    (await post(server, { packs: ['buffalo_l'], accept_licences: [terms] })).status,
    202,
  );
  await until('the run is over', async () => (await status(server)).state !== 'running');
  const { packs, offline } = await status(server);
  assert.equal(offline, true);
  const pack = packs.find(({ name }) => name === 'buffalo_l');
  assert.equal(pack?.licence?.accepted?.by, 'open');
  assert.ok(Math.abs(Date.now() - Date.parse(pack?.licence?.accepted?.at ?? '')) < 60_000);
  assert.equal(pack?.state, 'absent');
  const found = await model(server, 'buffalo_l-recognition');
  assert.equal(found?.error?.code, 'HUB_OFFLINE');
  assert.equal(found?.active, false);
  assert.equal(
    (await server.fetch('/health/ready')).status,
    503,
    'hub-faces cannot be had offline',
  );
  const ledger = JSON.parse(await readFile(join(models, 'licences.json'), 'utf8')) as unknown[];
  assert.equal(ledger.length, 1);
  // Accepted once counts for the pack's relatives too, and for another server on the folder.
  assert.equal((await post(server, { packs: ['buffalo_s'] })).status, 202);
});

test('the pack in use is not ready before its terms are accepted, and says what to do', async (t) => {
  const { settings } = await setting(t);
  const server = await start({
    ...settings,
    FOVEA_FACE_PACK: 'buffalo_sc',
    FOVEA_OFFLINE: 'true',
  });
  const found = await model(server, 'buffalo_sc-detection');
  assert.equal(found?.state, 'failed');
  assert.equal(found.error?.code, 'LICENCE_NOT_ACCEPTED');
  const ready = (await (await server.fetch('/health/ready')).json()) as { reasons: string[] };
  assert.ok(
    ready.reasons.some((reason) => reason.includes('fovea setup buffalo_sc --accept-licence')),
  );
  assert.equal((await model(server, 'centernet'))?.state, 'ready', 'everything else goes on');
});

test('an event stream does not keep the server from stopping', async (t) => {
  const { settings } = await setting(t);
  const server = await start(settings);
  const response = await server.fetch('/api/setup/events');
  const started = Date.now();
  await Promise.all([server.close(), response.text().catch(() => '')]);
  assert.ok(Date.now() - started < 60_000);
});

test('fovea setup: here with lines or JSON, and through a running server', async (t) => {
  const { settings, fake } = await setting(t);
  const folder = { ...settings, FOVEA_DATA_DIR: join(settings.FOVEA_MODELS_DIR, 'data') };
  const refused = await runFovea(['setup', 'buffalo_sc'], { ...folder, HF_HUB_OFFLINE: '1' });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /--accept-licence/);
  const tried = await runFovea(['setup', 'buffalo_sc', '--accept-licence'], {
    ...folder,
    HF_HUB_OFFLINE: '1',
  });
  assert.equal(tried.code, 1);
  assert.match(tried.stderr, /^Accepted: InsightFace models/m);
  assert.match(tried.stdout, /buffalo_sc-recognition .*failed .*offline/);
  assert.match(
    tried.stderr,
    /^ {2}buffalo_sc-recognition: .*offline/m,
    'the whole cause at the end',
  );
  assert.doesNotMatch(tried.stdout, /centernet/, 'nothing of what was not asked for');

  const done = await runFovea(['setup'], folder);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /hub-faces .*\[#{20}\].*ready in \d+ ms/);
  assert.equal(fake.seen('cdn').length, 1);

  const server = await start(settings);
  const remote = await runFovea(['setup', '--json', '--server', server.url], folder);
  assert.equal(remote.code, 0, remote.stderr);
  const lines = remote.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; state: string });
  assert.equal(lines.findLast(({ name }) => name === 'hub-faces')?.state, 'ready');
  const nobody = await runFovea(['setup', '--server', 'http://127.0.0.1:1'], folder);
  assert.match(nobody.stderr, /There is no server at/);
});

test('a model for predictions is pulled from the hub, and nothing else from this machine', async (t) => {
  const { settings, fake } = await setting(t);
  const server = await start(settings);
  const onnx = treeRegressor();
  fake.add('acme/churn/main/deep/model.onnx', onnx);
  const pull = async (body: Record<string, unknown>): Promise<Response> =>
    await server.fetch('/api/v1/models/pull', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const answer = await pull({ source: 'hf:acme/churn@main:deep/model.onnx', name: 'churn' });
  const shown = (await answer.json()) as { name: string; version: number; sha256: string };
  assert.equal(answer.status, 201, JSON.stringify(shown));
  assert.equal(shown.name, 'churn');
  assert.equal(shown.sha256, createHash('sha256').update(onnx).digest('hex'));
  await assertError(
    await pull({ source: 'file:/etc/passwd', name: 'churn' }),
    400,
    'REQUEST_INVALID',
  );
  await assertError(
    await pull({ source: 'hf:acme/none@main:x', name: 'churn' }),
    424,
    'HUB_TOKEN_MISSING',
  );
});
