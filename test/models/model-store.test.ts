import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { FoveaError } from '../../src/errors.ts';
import { Hub } from '../../src/hub/hub.ts';
import { defaultHubSettings, type HubSettings } from '../../src/hub/hub-settings.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { archivesIn, modelDigest, ModelStore } from '../../src/models/model-store.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { FakeHub } from '../support/fake-hub.ts';
import { until } from '../support/server.ts';

const content = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const file = { path: 'model.onnx', source: 'hf:acme/faces@main:model.onnx' };
const pinned: ModelManifest = {
  ...blazeface256,
  name: 'faces',
  files: [{ ...file, sha256, bytes: content.length }],
};
const unpinned: ModelManifest = { ...pinned, files: [file] };

async function setting(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-store-'));
  const fake = await FakeHub.start(t);
  fake.add('acme/faces/main/model.onnx', content);
  const hubs: Hub[] = [];
  const open = (change: Partial<HubSettings> = {}): ModelStore => {
    const settings = {
      ...defaultHubSettings,
      endpoint: new URL(fake.url),
      silenceMs: 10_000,
      retry: { attempts: 2, firstDelayMs: 10, longestDelayMs: 100 },
      ...change,
    };
    const hub = new Hub({ settings, archives: archivesIn(directory) });
    hubs.push(hub);
    return new ModelStore(directory, undefined, hub);
  };
  t.after(async () => {
    await Promise.all(hubs.map(async (hub) => hub.close()));
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, fake, open, path: join(directory, 'faces', pinned.version, 'model.onnx') };
}

function startBringing(directory: string, fake: FakeHub): { child: ChildProcess; told: string[] } {
  const entry = new URL('fixtures/bring-model.ts', import.meta.url);
  const child = spawn(
    process.execPath,
    [entry.pathname, directory, fake.url, JSON.stringify(pinned)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const told: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => told.push(...chunk.toString().trim().split('\n')));
  return { child, told };
}

function withCode(code: string) {
  return (error: unknown) => {
    assert.equal((error as FoveaError).code, code, String(error));
    return true;
  };
}

test('a process that is killed in the middle leaves a part that the next one goes on with', async (t) => {
  const { directory, fake, path } = await setting(t);
  fake.pauseMs = 20;
  const first = startBringing(directory, fake);
  await until('half of it', () => first.told.some((done) => Number(done) > 1_000_000));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const part = (await stat(`${path}.partial`)).size;
  assert.ok(part > 500_000);
  fake.pauseMs = 0;
  const second = startBringing(directory, fake);
  const [code] = (await once(second.child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.equal(second.told.at(-1), 'whole');
  assert.ok((await readFile(path)).equals(content));
  assert.equal(fake.seen('cdn').at(-1)?.headers.range, `bytes=${part}-`);
});

test('two processes at once fetch it once; the one that waits sees how far it is', async (t) => {
  const { directory, fake, path } = await setting(t);
  const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
  fake.gate = seen;
  const both = [startBringing(directory, fake), startBringing(directory, fake)];
  await until('one waits', () => both.some(({ told }) => told.includes('waiting')));
  goOn();
  const exits = await Promise.all(both.map(async ({ child }) => once(child, 'exit')));
  assert.deepEqual(
    exits.map(([code]) => code as number),
    [0, 0],
  );
  assert.ok((await readFile(path)).equals(content));
  assert.equal(fake.seen('cdn').length, 1);
  assert.ok(both.some(({ told }) => told.includes('waiting')));
});

test('whoever waits takes over when the other one is killed', async (t) => {
  const { directory, fake, path } = await setting(t);
  fake.pauseMs = 20;
  const first = startBringing(directory, fake);
  await until('some of it', () => first.told.some((done) => Number(done) > 300_000));
  const { promise: killed, resolve: goOn } = Promise.withResolvers<void>();
  fake.gate = killed;
  const second = startBringing(directory, fake);
  await until('the other one waits', () => second.told.includes('waiting'));
  first.child.kill('SIGKILL');
  fake.pauseMs = 0;
  goOn();
  const [code] = (await once(second.child, 'exit')) as [number];
  assert.equal(code, 0);
  assert.ok((await readFile(path)).equals(content));
  assert.match(String(fake.seen('cdn').at(-1)?.headers.range), /^bytes=\d+-$/);
});

test('what was verified once is not hashed at each start; what was touched is', async (t) => {
  const { open, path, fake } = await setting(t);
  await open().ensure(pinned);
  const time = new Date('2026-01-01T00:00:00Z');
  await utimes(path, time, time);
  assert.equal(await open().isWhole(pinned), true, 'touched, hashed, and remembered anew');
  // Damage that leaves size and time as they were is found only by whoever looks at every byte.
  const damaged = Buffer.from(content);
  damaged[7] = (damaged[7] ?? 0) ^ 1;
  await writeFile(path, damaged);
  await utimes(path, time, time);
  assert.equal(await open().isWhole(pinned), true);
  assert.equal(await open().isWhole(pinned, true), false);
  await open().ensure(pinned, { thorough: true });
  assert.ok((await readFile(path)).equals(content));
  assert.equal(fake.seen('cdn').length, 2);
});

test('a damaged file, or one cut short, heals at the next start', async (t) => {
  const { open, path } = await setting(t);
  await open().ensure(pinned);
  for (const damage of [content.subarray(0, 1000), Buffer.alloc(content.length), Buffer.alloc(0)]) {
    await writeFile(path, damage);
    assert.equal(await open().isWhole(pinned), false);
    await open().ensure(pinned);
    assert.ok((await readFile(path)).equals(content));
  }
  await rm(path);
  await open().ensure(pinned);
  assert.ok((await readFile(path)).equals(content));
});

test('without a pin the first download counts, and is kept', async (t) => {
  const { open, path, fake, directory } = await setting(t);
  fake.add('acme/faces/main/model.onnx', content, { lfs: false });
  const complete = await open().ensure(unpinned);
  assert.equal(complete.files[0]?.sha256, sha256);
  assert.equal(complete.files[0]?.bytes, content.length);
  assert.equal(modelDigest(complete), modelDigest(pinned));
  assert.equal((await open().recordsOf(unpinned)).get('model.onnx')?.pinned_by, 'first-download');
  const written = JSON.parse(
    await readFile(join(directory, 'faces', pinned.version, 'manifest.json'), 'utf8'),
  ) as ModelManifest;
  assert.equal(written.files[0]?.sha256, sha256);

  // Upstream is another file now: what is here stays, and what is damaged is not replaced by something else.
  fake.add('acme/faces/main/model.onnx', randomBytes(1000), { lfs: false });
  await open().ensure(unpinned);
  await rm(path);
  await assert.rejects(open().ensure(unpinned), withCode('MODEL_CORRUPT'));
});

test('the digest that the hub states is a pin too, and shown as such', async (t) => {
  const { open } = await setting(t);
  await open().ensure(unpinned);
  assert.equal((await open().recordsOf(unpinned)).get('model.onnx')?.pinned_by, 'hub');
});

test('offline, and with a token that is no good, what is here goes on serving', async (t) => {
  const { open, path, fake } = await setting(t);
  await open().ensure(pinned);
  const asked = fake.requests.length;
  await open({ offline: true }).ensure(pinned);
  await open({ token: 'hf_expired' }).ensure(pinned);
  assert.equal(fake.requests.length, asked);
  await rm(path);
  await assert.rejects(open({ offline: true }).ensure(pinned), withCode('HUB_OFFLINE'));
  await assert.rejects(open({ token: 'hf_expired' }).ensure(pinned), withCode('HUB_TOKEN_INVALID'));
});

test('callers of one process share one download', async (t) => {
  const { open, fake } = await setting(t);
  const store = open();
  await Promise.all(Array.from({ length: 5 }, async () => store.ensure(pinned)));
  assert.equal(fake.seen('cdn').length, 1);
});
