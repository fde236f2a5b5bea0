import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { decode } from '../../src/vision/decode.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { embedPicture } from '../../src/worker/image-embedding.ts';
import { ModelHost } from '../../src/worker/model-host.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { embedTexts } from '../../src/worker/text-embedding.ts';
import { corpus, cosine, golden, photoNames } from '../embeddings/clip-golden.ts';
import { clipLayouts, clipManifest } from '../support/clip-pack.ts';
import { photo } from '../support/server.ts';

async function hosted(t: TestContext, manifest: ModelManifest): Promise<HostedModel> {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-clip-'));
  t.after(async () => rm(directory, { recursive: true }));
  for (const { path, source } of manifest.files)
    await copyFile(source.slice('file:'.length), join(directory, path));
  const host = new ModelHost();
  await host.load({ manifest, directory, digest: 'd' });
  return host.forTask('image-text-embedding');
}

for (const layout of clipLayouts) {
  test(`${layout}: photos are embedded as transformers embeds them`, async (t) => {
    const model = await hosted(t, clipManifest(layout));
    for (const name of photoNames) {
      const pixels = await decode(await photo(name), { maxPixels: 1e7, formats: ['png', 'jpeg'] });
      const embedding = await embedPicture(pixels, model, new StageClock());
      const wanted = golden.photos[name];
      assert.ok(cosine(embedding, wanted) >= 0.999, `${name}: ${cosine(embedding, wanted)}`);
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-6);
      for (const other of photoNames.filter((each) => each !== name))
        assert.ok(cosine(embedding, golden.photos[other]) < 0.95, `${name} is not ${other}`);
    }
  });

  test(`${layout}: texts are embedded as transformers embeds them`, async (t) => {
    const model = await hosted(t, clipManifest(layout));
    // Special tokens in capitals: files of transformers 5 see them, CLIP's own two do not.
    const texts = corpus.map((text) => text.replace('<|STARTOFTEXT|>', ''));
    const embeddings = await embedTexts(texts, model, new StageClock());
    for (const [index, text] of texts.entries()) {
      if (text !== corpus[index]) continue;
      const found = cosine(embeddings[index] ?? [], golden.texts[index] ?? [NaN]);
      assert.ok(found >= 0.9999, `${JSON.stringify(text.slice(0, 40))}: ${found}`);
    }
    const [cat = [], dog = []] = await embedTexts(['a cat', 'a rocket'], model, new StageClock());
    assert.ok(cosine(cat, dog) < 0.99);
  });
}

test('a manifest that lies, and a tokenizer that is none, are found when the model loads', async (t) => {
  const manifest = clipManifest('hf');
  const { output } = manifest;
  assert.ok(output.decoder === 'image-text');
  const { text } = output;
  const lies = [
    { ...output, size: 25 },
    { ...output, values: 'embedding' },
    { ...output, text: { ...text, values: 'pooled' } },
    { ...output, text: { ...text, ids: 'tokens' } },
    { ...output, text: { ...text, dtype: 'int32' as const } },
    { ...output, text: { ...text, tokenizer: { file: 'text.onnx' } } },
    { ...output, text: { ...text, tokenizer: { file: 'gone.json' } } },
  ];
  for (const lie of lies)
    await assert.rejects(hosted(t, { ...manifest, output: lie }), { code: 'MODEL_INVALID' });
});

test('what fills a text up is the manifest’s, and a mask says so where the graph takes one', async (t) => {
  const manifest = clipManifest('combined');
  const { output } = manifest;
  assert.ok(output.decoder === 'image-text');
  const padded = { ...output, text: { ...output.text, pad: 0 } };
  const texts = ['a photo of a cat', 'a dog'];
  const [usual, zeros] = [
    await embedTexts(texts, await hosted(t, manifest), new StageClock()),
    await embedTexts(texts, await hosted(t, { ...manifest, output: padded }), new StageClock()),
  ];
  // What comes after the end token does not count.
  for (const [index, embedding] of usual.entries())
    assert.ok(cosine(embedding, zeros[index] ?? []) > 0.99999);
});

test('damaged vocabularies are refused by name', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-clip-'));
  t.after(async () => rm(directory, { recursive: true }));
  const manifest = clipManifest('vocabulary');
  for (const { path, source } of manifest.files)
    await copyFile(source.slice('file:'.length), join(directory, path));
  const vocab = JSON.parse(await readFile(join(directory, 'vocab.json'), 'utf8')) as object;
  for (const broken of ['[]', '{"a": 1.5}', JSON.stringify(vocab).slice(0, -5), '{"a": 0}']) {
    await writeFile(join(directory, 'vocab.json'), broken);
    await assert.rejects(new ModelHost().load({ manifest, directory, digest: 'd' }), {
      code: 'MODEL_INVALID',
      message: /tokenizer/,
    });
  }
});
