import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import type { Analysis } from '../../src/protocol/analysis.ts';
import type { Session } from '../../src/protocol/session.ts';
import type { SetupStatus } from '../../src/protocol/setup.ts';
import { expiredToken, FakeHub } from '../support/fake-hub.ts';
import { assertError, form, photo, startTestServer } from '../support/server.ts';

interface Looked {
  readonly width: number | null;
  readonly detections: readonly unknown[];
  readonly models: readonly unknown[];
  readonly degraded: readonly string[];
}

/** A models folder where four models cannot be had, each for another reason. */
async function brokenFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-failed-'));
  const models = join(folder, 'models');
  const put = async (name: string, file: { source: string; sha256?: string }): Promise<void> => {
    const place = join(models, name, '1');
    await mkdir(place, { recursive: true });
    const files = [{ path: 'model.onnx', ...file }];
    const manifest = { ...blazeface256, name, version: '1', files };
    await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest));
  };
  const noise = join(folder, 'noise.onnx');
  await writeFile(noise, Buffer.alloc(10_000, 7));
  await put('missing', { source: `file:${join(folder, 'nowhere.onnx')}` });
  await put('corrupt', { source: `file:${noise}`, sha256: 'ab'.repeat(32) });
  await put('no-model', { source: `file:${noise}` });
  await put('gated', { source: 'hf:acme/secret@main:model.onnx' });
  // The one model that detects objects cannot be stored: its folder is a file.
  await writeFile(join(models, 'centernet'), 'in the way');
  return folder;
}

test('models that cannot be had cost what needs them, and nothing else', async (t) => {
  const folder = await brokenFolder();
  const hub = await FakeHub.start(t);
  hub.add('acme/secret/main/model.onnx', Buffer.from('secret'), { access: 'gated' });
  const server = await startTestServer({
    FOVEA_WORKERS: '1',
    FOVEA_MODELS_DIR: join(folder, 'models'),
    HF_ENDPOINT: hub.url,
    HF_TOKEN: expiredToken,
  });
  t.after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const send = async (path: string): Promise<Response> =>
    await server.fetch(path, { method: 'POST', body: form(await photo('astronaut.png')) });

  await t.test('the server starts, and says of each what is wrong', async () => {
    const { models } = (await (await server.fetch('/api/setup')).json()) as SetupStatus;
    const failures = Object.fromEntries(
      models.flatMap(({ name, state, error }) => (state === 'failed' ? [[name, error?.code]] : [])),
    );
    assert.deepEqual(
      failures,
      {
        centernet: 'MODEL_UNAVAILABLE',
        corrupt: 'MODEL_CORRUPT',
        gated: 'HUB_TOKEN_INVALID',
        missing: 'MODEL_UNAVAILABLE',
        'no-model': 'MODEL_INVALID',
      },
      JSON.stringify(models),
    );
    const health = (await (await server.fetch('/health')).json()) as {
      models: { name: string; state: string; reason?: string }[];
    };
    for (const name of Object.keys(failures)) {
      const shown = health.models.find((model) => model.name === name);
      assert.equal(shown?.state, 'failed');
      assert.ok((shown.reason ?? '').length > 20, name);
    }
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /^fovea_model_ready\{model="centernet",version="3\.3\.6"\} 0$/m);
    assert.match(metrics, /^fovea_model_ready\{model="blazeface-256",version="1\.2\.0"\} 1$/m);
  });

  await t.test('faces are found as ever', async () => {
    const response = await send('/api/analyze/image');
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { faces } = JSON.parse(text) as Analysis;
    assert.equal(faces?.length, 1);
    assert.ok(faces[0]?.age !== undefined, 'age comes from another model');
    const ready = await server.fetch('/health/ready');
    assert.equal(
      ready.status,
      503,
      'a request for any model that is to be loaded would have to succeed',
    );
    const { reasons } = (await ready.json()) as { reasons: string[] };
    for (const name of ['centernet', 'corrupt', 'gated', 'missing', 'no-model'])
      assert.ok(
        reasons.some((reason) => reason.startsWith(`model ${name} failed: `)),
        name,
      );
  });

  await t.test('detection answers that no model looked, in body and header', async () => {
    const made = await server.fetch('/api/v1/sessions', { method: 'POST' });
    const { session_id: id } = (await made.json()) as Session;
    for (const path of ['/api/v1/detect', `/detect/${id}`]) {
      const response = await send(path);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assert.equal(response.headers.get('fovea-degraded'), 'model');
      const { width, detections, models, degraded } = JSON.parse(text) as Looked;
      assert.deepEqual([width, detections, models, degraded], [null, [], [], ['model']]);
    }
  });

  await t.test('a model that is named stays an error with its cause', async () => {
    for (const [model, words] of [
      ['centernet', /folder|store/],
      ['gated', /token/i],
    ] as const) {
      const error = await assertError(
        await send(`/api/v1/detect?model=${model}`),
        503,
        'MODEL_UNAVAILABLE',
      );
      assert.match(error.message, words);
    }
  });
});
