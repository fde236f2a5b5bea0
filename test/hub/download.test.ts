import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Disk } from '../../src/hub/disk.ts';
import { Hub } from '../../src/hub/hub.ts';
import { defaultHubSettings, type HubSettings } from '../../src/hub/hub-settings.ts';
import type { FoveaError } from '../../src/errors.ts';
import { expiredToken, FakeHub, validToken, type Misbehaviour } from '../support/fake-hub.ts';
import { until } from '../support/server.ts';

const content = randomBytes(600_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const source = 'hf:acme/faces@main:onnx/model.onnx';
const path = 'acme/faces/main/onnx/model.onnx';
const wanted = { sha256, bytes: content.length, maxBytes: 1e7 };

async function setting(t: TestContext, change: Partial<HubSettings> = {}, disk?: Disk) {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-hub-'));
  const fake = await FakeHub.start(t);
  fake.add(path, content);
  const settings: HubSettings = {
    ...defaultHubSettings,
    endpoint: new URL(fake.url),
    retry: { attempts: 3, firstDelayMs: 10, longestDelayMs: 2_000 },
    ...change,
  };
  const hub = new Hub({
    settings,
    archives: join(directory, '.archives'),
    ...(disk ? { disk } : {}),
  });
  t.after(async () => {
    await hub.close();
    await rm(directory, { recursive: true, force: true });
  });
  const target = join(directory, 'model.onnx');
  const progress: number[] = [];
  const bring = async (
    from: string | string[] = source,
    want: Parameters<Hub['bring']>[2] = wanted,
    signal = new AbortController().signal,
  ) =>
    await hub.bring([from].flat(), target, want, {
      signal,
      onProgress: (done) => progress.push(done),
    });
  const whole = async () => assert.ok((await readFile(target)).equals(content));
  /** Until so much of the file is on the disk. */
  const has = async (bytes: number) =>
    until(`${bytes} bytes`, async () => {
      const partial = await stat(`${target}.partial`).catch(() => undefined);
      return (partial?.size ?? 0) >= bytes;
    });
  /** A connection cut after so many bytes, the first of which is at `from` in the file. */
  const cut = (after: number, from = 0): Misbehaviour => ({
    kind: 'cut',
    after,
    has: async () => has(from + after),
  });
  return { fake, hub, directory, target, bring, whole, has, cut, progress };
}

function withCode(code: string, words?: RegExp) {
  return (error: unknown) => {
    assert.equal((error as FoveaError).code, code, String(error));
    if (words) assert.match((error as Error).message, words);
    return true;
  };
}

test('a large file comes through the CDN, which never sees the token', async (t) => {
  const { fake, bring, whole, directory, progress } = await setting(t, { token: validToken });
  const brought = await bring();
  assert.deepEqual(brought, { sha256, bytes: content.length, pinnedBy: 'manifest' });
  await whole();
  assert.equal(fake.seen('hub')[0]?.headers.authorization, `Bearer ${validToken}`);
  assert.equal(fake.seen('cdn').length, 1);
  assert.equal(fake.seen('cdn')[0]?.headers.authorization, undefined);
  assert.deepEqual(await readdir(directory), ['model.onnx'], 'nothing partial is left');
  assert.equal(progress.at(-1), content.length);
});

test('a small file comes from the hub itself; other origins get no token either', async (t) => {
  const { fake, bring, whole } = await setting(t, { token: validToken });
  fake.add(path, content, { lfs: false });
  assert.equal((await bring(source, { maxBytes: 1e7 })).pinnedBy, 'first-download');
  await whole();
  fake.add('files/x/y', content, { lfs: false });
  await bring(`http:${fake.url.slice(5)}/files/resolve/x/y`);
  assert.equal(fake.seen('hub').at(-1)?.headers.authorization, undefined);
});

test('without a pin the hub vouches with the digest it states', async (t) => {
  const { fake, bring } = await setting(t);
  assert.deepEqual(await bring(source, { maxBytes: 1e7 }), {
    sha256,
    bytes: content.length,
    pinnedBy: 'hub',
  });
  fake.misbehave('cdn', { kind: 'wrong-bytes' });
  await assert.rejects(bring(source, { maxBytes: 1e7 }), withCode('MODEL_CORRUPT'));
});

test('a cut download goes on where it stopped', async (t) => {
  const { fake, bring, whole, cut } = await setting(t);
  fake.misbehave('cdn', cut(200_000), cut(100_000, 200_000));
  await bring();
  await whole();
  const ranges = fake.seen('cdn').map(({ headers }) => headers.range);
  assert.equal(ranges[0], undefined);
  assert.equal(ranges[1], 'bytes=200000-');
  assert.equal(ranges[2], 'bytes=300000-');
  assert.match(String(fake.seen('cdn')[1]?.headers['if-range']), /^"[0-9a-f]{32}"$/);
});

test('a stalled download is given up after the silence allowed, and goes on', async (t) => {
  const { fake, bring, whole } = await setting(t, { silenceMs: 1_000 });
  fake.misbehave('cdn', { kind: 'stall', after: 250_000 });
  fake.misbehave('hub', { kind: 'silent' });
  const started = Date.now();
  await bring();
  await whole();
  assert.ok(Date.now() - started >= 1_900, 'two silences of a second');
  const from = Number(/^bytes=(\d+)-$/.exec(fake.seen('cdn')[1]?.headers.range ?? '')?.[1]);
  assert.ok(from > 0 && from <= 250_000, `went on at ${from}`);
});

test('a file that changed in between is fetched anew', async (t) => {
  const { fake, bring, whole, cut } = await setting(t, { silenceMs: 1_000 });
  const other = randomBytes(600_000);
  fake.add(path, other);
  fake.misbehave('cdn', cut(300_000), { kind: 'silent' }, { kind: 'silent' });
  await assert.rejects(bring(source, { maxBytes: 1e7 }), withCode('HUB_UNREACHABLE'));
  fake.add(path, content);
  await bring(source, { maxBytes: 1e7 });
  await whole();
  assert.ok(
    fake.seen('cdn').at(-1)?.headers['if-range'],
    'it was asked to go on only if unchanged',
  );
});

test('a server without ranges sends all of it again', async (t) => {
  const { fake, bring, whole, cut } = await setting(t);
  fake.misbehave('cdn', cut(200_000), { kind: 'ignores-range' });
  await bring();
  await whole();
});

test('wrong bytes after a resumption are fetched once more, whole', async (t) => {
  const { fake, bring, whole, target } = await setting(t);
  await writeFile(`${target}.partial`, randomBytes(100_000));
  await writeFile(`${target}.partial.json`, JSON.stringify({ page: 'elsewhere', sha256 }));
  await bring();
  await whole();
  assert.deepEqual(
    fake.seen('cdn').map(({ headers }) => headers.range),
    ['bytes=100000-', undefined],
  );
});

test('wrong bytes are refused and leave nothing behind', async (t) => {
  const { fake, bring, directory } = await setting(t);
  fake.misbehave('cdn', { kind: 'wrong-bytes' });
  await assert.rejects(bring(), withCode('MODEL_CORRUPT', /SHA-256/));
  assert.deepEqual(await readdir(directory), []);
});

test('another file on the hub, or another size, is refused before a byte is fetched', async (t) => {
  const { fake, bring, progress } = await setting(t);
  await assert.rejects(
    bring(source, { ...wanted, sha256: '0'.repeat(64) }),
    withCode('MODEL_CORRUPT', /another file/),
  );
  await assert.rejects(
    bring(source, { ...wanted, bytes: 5 }),
    withCode('MODEL_CORRUPT', /600000 bytes instead of 5/),
  );
  await assert.rejects(bring(source, { maxBytes: 1000 }), withCode('MODEL_TOO_LARGE'));
  fake.misbehave('cdn', { kind: 'web-page' });
  await assert.rejects(bring(source, { maxBytes: 1e7 }), withCode('MODEL_CORRUPT', /web page/));
  assert.deepEqual(progress, []);
});

test('lengths that lie', async (t) => {
  const { fake, bring, whole } = await setting(t);
  fake.misbehave('cdn', { kind: 'lying-length', length: content.length + 10 });
  await assert.rejects(bring(), withCode('MODEL_CORRUPT', /instead of/));
  fake.misbehave('cdn', { kind: 'lying-length', length: content.length + 10 });
  await bring(source, { sha256, maxBytes: 1e7 });
  await whole();
  fake.misbehave('cdn', { kind: 'no-length' });
  await bring();
  await whole();
  fake.misbehave('cdn', { kind: 'no-length' });
  fake.add(path, Buffer.concat([content, content]));
  await assert.rejects(bring(source, { maxBytes: 700_000 }), withCode('MODEL_TOO_LARGE'));
});

test('tokens: missing, expired, invalid, without access; and what is not there', async (t) => {
  const none = await setting(t);
  none.fake.add(path, content, { access: 'gated' });
  await assert.rejects(none.bring(), withCode('HUB_TOKEN_MISSING', /HF_TOKEN/));
  await assert.rejects(
    none.bring('hf:acme/nothing@main:x'),
    withCode('HUB_TOKEN_MISSING', /not there, or/),
  );
  const expired = await setting(t, { token: expiredToken });
  await assert.rejects(expired.bring(), withCode('HUB_TOKEN_INVALID', /has expired/));
  const invalid = await setting(t, { token: 'hf_nonsense' });
  await assert.rejects(invalid.bring(), withCode('HUB_TOKEN_INVALID', /revoked or mistyped/));
  const valid = await setting(t, { token: validToken });
  valid.fake.add(path, content, { access: 'forbidden' });
  await assert.rejects(valid.bring(), withCode('HUB_ACCESS_DENIED', /ask for access/));
  await assert.rejects(valid.bring('hf:acme/faces@main:nothing'), withCode('HUB_FILE_NOT_FOUND'));
  for (const { fake } of [none, expired, invalid, valid])
    assert.ok(fake.requests.length <= 2, 'what will not change is not asked twice');
});

test('no error shows the token', async (t) => {
  const { bring } = await setting(t, { token: 'hf_secret_secret' });
  const error = await bring().catch((thrown: unknown) => thrown as FoveaError);
  assert.ok(error instanceof Error);
  assert.doesNotMatch(JSON.stringify([error, error.message]), /secret_secret/);
});

test('rate limits are waited for, as long as the hub says, but not for ever', async (t) => {
  const { fake, bring, whole } = await setting(t);
  fake.misbehave('hub', { kind: 'status', status: 429, headers: { 'retry-after': '1' } });
  const started = Date.now();
  await bring();
  await whole();
  assert.ok(Date.now() - started >= 990);
  fake.misbehave('hub', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
  const error = (await bring().catch((thrown: unknown) => thrown)) as FoveaError;
  withCode('HUB_RATE_LIMITED')(error);
  assert.equal(error.details['retry_after_seconds'], 3600);
});

test('errors of the server pass, or are told after the last attempt', async (t) => {
  const { fake, bring, whole } = await setting(t);
  fake.misbehave('hub', { kind: 'status', status: 503 }, { kind: 'status', status: 500 });
  await bring();
  await whole();
  const before = fake.requests.length;
  fake.misbehave(
    'hub',
    ...Array.from({ length: 3 }, () => ({ kind: 'status', status: 502 }) as const),
  );
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE', /status 502/));
  assert.equal(fake.requests.length - before, 3);
});

test('attempts that bring something do not use up the patience', async (t) => {
  const { fake, bring, whole, cut } = await setting(t);
  fake.misbehave('cdn', ...Array.from({ length: 8 }, (_, n) => cut(65_536, n * 65_536)));
  await bring();
  await whole();
});

test('mirrors are asked in turn; what all of them said is told', async (t) => {
  const { bring, whole } = await setting(t);
  await bring(['hf:acme/gone@main:x', 'http://127.0.0.1:1/nobody', source]);
  await whole();
  const error = (await bring(['hf:acme/gone@main:x', 'http://127.0.0.1:1/nobody']).catch(
    (thrown: unknown) => thrown,
  )) as FoveaError;
  withCode('HUB_TOKEN_MISSING', /mirror/)(error);
  assert.deepEqual(error.details['mirrors'], [
    { source: 'http://127.0.0.1:1/nobody', code: 'HUB_UNREACHABLE' },
  ]);
});

test('a mirror goes on with what the first source began, when a digest can tell', async (t) => {
  const { fake, bring, whole, cut } = await setting(t);
  fake.add('mirror/a/b', content);
  fake.misbehave('cdn', cut(262_144));
  fake.misbehave(
    'hub',
    { kind: 'redirect', to: `${fake.cdnUrl}/${path}` },
    { kind: 'status', status: 404 },
  );
  await bring([source, 'hf:mirror@a:b']);
  await whole();
  assert.equal(fake.seen('cdn').at(-1)?.headers.range, 'bytes=262144-');
});

test('offline nothing is asked', async (t) => {
  const { fake, bring } = await setting(t, { offline: true });
  await assert.rejects(bring(), withCode('HUB_OFFLINE', /FOVEA_OFFLINE/));
  assert.equal(fake.requests.length, 0);
});

test('addresses that are refused', async (t) => {
  const { fake, bring } = await setting(t);
  for (const refused of [
    'http://example.com/model.onnx',
    'https://user:word@example.com/model.onnx',
    'hf:acme/faces@main:../../etc/passwd',
    'hf:acme/faces:model.onnx',
    'hf:acme/faces@main:a//b',
  ])
    await assert.rejects(bring(refused), withCode('HUB_URL_INVALID'), refused);
  for (const to of ['http://10.0.0.1/x', 'file:///etc/passwd', 'ftp://127.0.0.1/x']) {
    fake.misbehave('hub', { kind: 'redirect', to });
    await assert.rejects(bring(), withCode('HUB_URL_INVALID'), to);
  }
  const { allowedUrl } = await import('../../src/hub/allowed-url.ts');
  assert.throws(
    () => allowedUrl('http://127.0.0.1/x', new URL('https://huggingface.co/')),
    withCode('HUB_URL_INVALID'),
  );
  fake.misbehave(
    'hub',
    ...Array.from(
      { length: 6 },
      () =>
        ({ kind: 'redirect', to: `${fake.url}/acme/faces/resolve/main/onnx/model.onnx` }) as const,
    ),
  );
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE', /without end/));
});

test('a disk without room is told before the download', async (t) => {
  const { bring, progress } = await setting(t, {}, { freeBytes: async () => 34_000_000 });
  await assert.rejects(bring(), withCode('DISK_FULL', /600000 more bytes/));
  assert.deepEqual(progress, []);
});

test('a disk that fills up on the way', async (t) => {
  const { bring, target, directory } = await setting(t);
  // Every byte written to /dev/full fails with ENOSPC.
  await symlink('/dev/full', `${target}.partial`);
  await assert.rejects(bring(), withCode('DISK_FULL', /ENOSPC/));
  await rm(`${target}.partial`);
  await bring();
  assert.ok((await readdir(directory)).includes('model.onnx'));
});

test('whoever stops a download finds its part again', async (t) => {
  const { fake, bring, whole, has } = await setting(t);
  const stop = new AbortController();
  fake.misbehave('cdn', { kind: 'stall', after: 131_072 });
  const stopped = assert.rejects(bring(source, wanted, stop.signal), withCode('REQUEST_CANCELLED'));
  await has(131_072);
  stop.abort();
  await stopped;
  await bring();
  await whole();
  assert.equal(fake.seen('cdn').at(-1)?.headers.range, 'bytes=131072-');
});

test('a download takes no longer than its deadline, however it trickles', async (t) => {
  const { fake, bring } = await setting(t, { fileDeadlineMs: 300 });
  fake.pauseMs = 200;
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE'));
});

test('a server that does not answer is left alone for a while, and others are not', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() }); // the pause ends when the test says so
  const { fake, hub, bring, whole } = await setting(t);
  const other = await setting(t);
  fake.misbehave(
    'hub',
    ...Array.from({ length: 5 }, () => ({ kind: 'status', status: 503 }) as const),
  );
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE'));
  assert.equal(hub.state.state, 'closed', 'one file is patient for so long');
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE'));
  const asked = fake.seen('hub').length;
  assert.deepEqual([asked, hub.state.state], [5, 'open']);
  await assert.rejects(bring(), withCode('HUB_UNREACHABLE', /is not asked for now/));
  assert.equal(fake.seen('hub').length, asked, 'nobody asks');
  const mirror = `${other.fake.url}/acme/faces/resolve/main/onnx/model.onnx`;
  await bring([source, mirror]);
  await whole();
  t.mock.timers.tick(1_300);
  await bring();
  assert.equal(hub.state.state, 'closed', 'the next one after the pause is the trial');
  assert.deepEqual(hub.state.transitions, { open: 1, half_open: 1, closed: 1 });
});
