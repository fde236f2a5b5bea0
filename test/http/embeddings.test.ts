import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import { analysis } from '../../src/protocol/analysis.ts';
import { imageEmbeddings, textEmbeddings, zeroShot } from '../../src/protocol/embedding.ts';
import { setupStatus } from '../../src/protocol/setup.ts';
import { corpus, cosine, golden, photoNames } from '../embeddings/clip-golden.ts';
import { tinySize, writeClipPack } from '../support/clip-pack.ts';
import { FakeHub } from '../support/fake-hub.ts';
import {
  assertError,
  form,
  photo,
  startTestServer,
  until,
  type TestServer,
} from '../support/server.ts';

const labels = golden.labels.map((index) => corpus[index] ?? '');

describe('embeddings of images and texts', () => {
  let server: TestServer;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-embeddings-'));
    const models = join(folder, 'models');
    await writeClipPack(models, 'hf');
    const labelFile = join(folder, 'labels.txt');
    await writeFile(labelFile, 'a cat\na rocket\nan astronaut\na cup of coffee\n');
    server = await startTestServer({
      FOVEA_MODELS_DIR: models,
      FOVEA_WORKERS: '1',
      FOVEA_CLIP_PACK: 'tiny-clip',
      FOVEA_TAG_LABELS: labelFile,
      FOVEA_MODEL_IDLE: '3s',
    });
  });

  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const post = async (path: string, body: unknown): Promise<Response> =>
    await server.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const answer = async <T extends z.ZodType>(
    response: Response,
    schema: T,
  ): Promise<z.infer<T>> => {
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return schema.parse(JSON.parse(text));
  };

  const keep = async (name: string): Promise<string> => {
    const body = form(await photo(name));
    const kept = await server.fetch('/api/v1/validate/image', { method: 'POST', body });
    return ((await kept.json()) as { image_id: string }).image_id;
  };

  const stateOf = async (): Promise<string | undefined> => {
    const status = await answer(await server.fetch('/api/v1/setup'), setupStatus);
    return status.models.find(({ name }) => name === 'tiny-hf')?.state;
  };

  it('gives what transformers gives, for several photos in one form', async () => {
    const body = new FormData();
    for (const name of photoNames) body.append('file', new Blob([await photo(name)]), name);
    const sent = await server.fetch('/api/v1/embed/image', { method: 'POST', body });
    const found = await answer(sent, imageEmbeddings);
    assert.equal(found.dimensions, tinySize);
    assert.equal(found.model.name, 'tiny-hf');
    assert.match(found.model.digest, /^[0-9a-f]{64}$/);
    for (const [index, name] of photoNames.entries()) {
      const { embedding = [], cached } = found.embeddings[index] ?? {};
      assert.ok(cosine(embedding, golden.photos[name]) >= 0.999, name);
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
      assert.equal(cached, false);
    }
  });

  it('takes a bare image and kept images, and computes nothing twice', async () => {
    const name = 'chelsea.png';
    const raw = await server.fetch('/api/v1/embed/image', {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: await photo(name),
    });
    const bare = await answer(raw, imageEmbeddings);
    assert.equal(bare.embeddings[0]?.image_id, null);
    assert.ok(cosine(bare.embeddings[0].embedding, golden.photos[name]) >= 0.999);
    const ids = [await keep(name), await keep('coffee.png')];
    const kept = await answer(
      await post('/api/v1/embed/image', { image_ids: ids }),
      imageEmbeddings,
    );
    assert.deepEqual(
      kept.embeddings.map(({ image_id: id }) => id),
      ids,
    );
    assert.equal(kept.embeddings[0]?.cached, true);
    assert.deepEqual(kept.embeddings[0]?.embedding, bare.embeddings[0]?.embedding);
  });

  it('refuses what it cannot embed, as every route with images does', async () => {
    await assertError(await post('/api/v1/embed/image', {}), 400, 'IMAGE_MISSING');
    await assertError(
      await post('/api/v1/embed/image', { image_id: '00000000-0000-4000-8000-000000000000' }),
      404,
      'IMAGE_NOT_FOUND',
    );
    const text = await server.fetch('/api/v1/embed/image', {
      method: 'POST',
      body: form(Buffer.from('no image')),
    });
    await assertError(text, 415, 'IMAGE_FORMAT_UNSUPPORTED');
  });

  it('embeds texts as transformers does, however nasty', async () => {
    const found = await answer(await post('/api/v1/embed/text', { texts: corpus }), textEmbeddings);
    assert.equal(found.embeddings.length, corpus.length);
    for (const [index, { embedding }] of found.embeddings.entries())
      assert.ok(cosine(embedding, golden.texts[index] ?? []) >= 0.9999, corpus[index]);
    const again = await answer(
      await post('/api/v1/embed/text', { texts: [corpus[0]] }),
      textEmbeddings,
    );
    assert.equal(again.cached, true);
    assert.deepEqual(again.embeddings[0], found.embeddings[0]);
  });

  it('bounds texts in number and length', async () => {
    for (const texts of [[], Array(257).fill('a'), ['a'.repeat(2001)], [1], 'a'])
      await assertError(await post('/api/v1/embed/text', { texts }), 400, 'REQUEST_INVALID');
  });

  it('tells labels apart with the probabilities of transformers', async () => {
    for (const name of photoNames) {
      const body = form(await photo(name), { template: '{}' });
      for (const label of labels) body.append('labels', label);
      const sent = await server.fetch('/api/v1/zero-shot', { method: 'POST', body });
      const found = await answer(sent, zeroShot);
      for (const [index, label] of labels.entries()) {
        const { score = NaN } = found.labels.find((each) => each.label === label) ?? {};
        assert.ok(
          Math.abs(score - (golden.zero_shot[name][index] ?? 0)) <= 1e-3,
          `${name} ${label}`,
        );
      }
      const scores = found.labels.map(({ score }) => score);
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
      );
    }
  });

  it('takes labels as text, kept images and several templates', async () => {
    const id = await keep('rocket.jpg');
    const found = await answer(
      await post('/api/v1/zero-shot', {
        image_id: id,
        labels: 'a cat, a rocket',
        templates: ['a photo of {}', 'a painting of {}'],
      }),
      zeroShot,
    );
    const { embeddings } = await answer(
      await post('/api/v1/embed/text', {
        texts: ['a photo of a cat', 'a painting of a cat'],
      }),
      textEmbeddings,
    );
    const [one, other] = embeddings.map(({ embedding }) => embedding);
    const mean = one?.map((value, at) => value + (other?.[at] ?? NaN)) ?? [];
    const { similarity = NaN } = found.labels.find(({ label }) => label === 'a cat') ?? {};
    assert.ok(Math.abs(similarity - cosine(mean, golden.photos['rocket.jpg'])) < 2e-3);
  });

  it('refuses labels and templates that make no sense', async () => {
    const id = await keep('rocket.jpg');
    const bad = [
      {},
      { labels: [] },
      { labels: ['a', 'a'] },
      { labels: ['a'], template: 'no place for it' },
      { labels: ['a'.repeat(201)] },
      { labels: Array.from({ length: 600 }, (_, index) => `l${index}`), template: ['{}', 'a {}'] },
    ];
    for (const fields of bad)
      await assertError(
        await post('/api/v1/zero-shot', { image_id: id, ...fields }),
        400,
        'REQUEST_INVALID',
      );
    await assertError(await post('/api/v1/zero-shot', { labels: ['a'] }), 400, 'IMAGE_MISSING');
  });

  it('adds tags and the embedding to an analysis that asks for them', async () => {
    const body = form(await photo('rocket.jpg'), { include: 'tags,image_embedding' });
    const sent = await server.fetch('/api/v1/analyze/image', { method: 'POST', body });
    const found = await answer(sent, analysis);
    assert.ok(found.faces && found.objects);
    assert.ok(cosine(found.image_embedding ?? [], golden.photos['rocket.jpg']) >= 0.999);
    assert.ok(found.models.some(({ name }) => name === 'tiny-hf'));
    const alone = await answer(
      await post('/api/v1/zero-shot', {
        image_id: found.image_id,
        labels: ['a cat', 'a rocket', 'an astronaut', 'a cup of coffee'],
      }),
      zeroShot,
    );
    // The labels were read for the tags.
    assert.equal(alone.cached, true);
    for (const { label, score } of found.tags ?? [])
      assert.ok(
        Math.abs(score - (alone.labels.find((each) => each.label === label)?.score ?? NaN)) < 1e-4,
      );
    assert.equal(found.tags?.length, alone.labels.filter(({ score }) => score >= 0.01).length);
    const plain = await answer(
      await post('/api/v1/analyze/by-id', { image_id: found.image_id }),
      analysis,
    );
    assert.ok(!('tags' in plain) && !('image_embedding' in plain));
  });

  it('gives tags alone, from the cache, and anew after a wipe', async () => {
    const ask = async (extra: object): Promise<z.infer<typeof analysis>> =>
      await answer(
        await post('/api/v1/analyze/by-id', {
          image_id: await keep('astronaut.png'),
          only: 'tags',
          ...extra,
        }),
        analysis,
      );
    const first = await ask({});
    assert.ok(first.tags && !first.faces && !first.objects && !first.image_embedding);
    assert.equal((await ask({})).cached, true);
    const anew = await ask({ wipe_cache: true });
    assert.equal(anew.cached, false);
    assert.ok(anew.timings_ms.inference > 0);
    assert.deepEqual(anew.tags, first.tags);
  });

  it('leaves the memory when nobody uses it, and comes back', async () => {
    await until('the model left', async () => (await stateOf()) === 'present');
    const texts = ['something that nobody has asked yet'];
    const found = await answer(await post('/api/v1/embed/text', { texts }), textEmbeddings);
    assert.equal(found.cached, false);
    assert.equal(await stateOf(), 'ready');
  });
});

it('does not start with a file of labels that is none', async () => {
  await assert.rejects(startTestServer({ FOVEA_TAG_LABELS: '/nowhere/labels.txt' }), {
    name: 'ConfigError',
    message: /FOVEA_TAG_LABELS: ENOENT/,
  });
});

describe('a server without a model for embeddings', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
  });

  after(async () => server.close());

  it('says what to do, and does everything else', async () => {
    const asked = await server.fetch('/api/v1/embed/text', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts: ['a cat'] }),
    });
    const error = await assertError(asked, 503, 'MODEL_UNAVAILABLE');
    assert.match(error.message, /fovea setup clip-vit-b-32/);
    assert.match(error.message, /FOVEA_CLIP_PACK/);
    const analyse = async (fields: Record<string, string>): Promise<Response> =>
      await server.fetch('/api/v1/analyze/image', {
        method: 'POST',
        body: form(await photo('chelsea.png'), fields),
      });
    await assertError(await analyse({ include: 'tags' }), 503, 'MODEL_UNAVAILABLE');
    const plain = analysis.parse(await (await analyse({})).json());
    assert.deepEqual(plain.degraded, []);
  });

  it('offers the packs for setup', async () => {
    const status = setupStatus.parse(await (await server.fetch('/api/v1/setup')).json());
    for (const name of ['clip-vit-b-32', 'immich-vit-b-32']) {
      const pack = status.packs.find((each) => each.name === name);
      assert.equal(pack?.state, 'absent');
      assert.equal(pack.licence, null);
      assert.equal(pack.active, false);
    }
  });
});

describe('a pack that is not here yet', () => {
  const repository = 'Xenova/clip-vit-base-patch32/d15189d7028b43f1d3e65039190477f6af591c2a';

  it('is asked for with its first use, and taken only when it is what it should be', async (t) => {
    const fake = await FakeHub.start(t);
    const tiny = new URL('../fixtures/embeddings/vision_model.onnx', import.meta.url);
    fake.add(`${repository}/onnx/vision_model.onnx`, await readFile(tiny));
    const server = await startTestServer({
      FOVEA_WORKERS: '1',
      FOVEA_CLIP_PACK: 'clip-vit-b-32',
      HF_ENDPOINT: fake.url,
    });
    t.after(() => server.close());
    const setup = async (): Promise<z.infer<typeof setupStatus>> =>
      setupStatus.parse(await (await server.fetch('/api/v1/setup')).json());
    const waiting = (await setup()).models.find(({ name }) => name === 'clip-vit-b-32');
    assert.deepEqual([waiting?.state, waiting?.load], ['absent', 'lazy']);
    const asked = await server.fetch('/api/v1/embed/text', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts: ['a cat'] }),
    });
    const error = await assertError(asked, 503, 'MODEL_UNAVAILABLE');
    assert.equal(error.details['cause'], 'MODEL_CORRUPT');
    const pack = (await setup()).packs.find(({ name }) => name === 'clip-vit-b-32');
    assert.deepEqual([pack?.state, pack?.active, pack?.size_bytes], ['absent', true, 607_968_381]);
  });
});
