import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  embeddingModel,
  type EmbeddingModelDirectory,
} from '../../src/embeddings/embedding-model.ts';
import { faceres } from '../../src/models/catalog/faceres.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { clipManifest } from '../support/clip-pack.ts';

function directory(...manifests: ModelManifest[]): EmbeddingModelDirectory {
  return {
    list: () =>
      manifests.map(({ name, task, pack }) => ({
        name,
        task,
        ...(pack ? { pack } : {}),
        digest: `digest of ${name}`,
      })),
    manifestOf(name) {
      const found = manifests.find((manifest) => manifest.name === name);
      if (!found) throw new Error(name);
      return found;
    },
    use: async (_name, _signal, work) => await work(),
  };
}

test('the model of the pack in use, and no other', () => {
  const other = { ...clipManifest('immich'), pack: 'other' };
  const models = directory(faceres, other, clipManifest('hf'));
  assert.equal(embeddingModel(models, 'tiny-clip').name, 'tiny-hf');
  assert.equal(embeddingModel(models, 'tiny-clip').digest, 'digest of tiny-hf');
  assert.equal(embeddingModel(models, 'other').name, 'tiny-immich');
});

test('without a pack, or with one that nobody knows, the answer says what to do', () => {
  const models = directory(faceres, clipManifest('hf'));
  assert.throws(() => embeddingModel(models, undefined), {
    code: 'MODEL_UNAVAILABLE',
    message: /fovea setup clip-vit-b-32/,
  });
  assert.throws(() => embeddingModel(models, 'clip'), {
    code: 'MODEL_UNAVAILABLE',
    message: /FOVEA_CLIP_PACK is "clip"/,
  });
  assert.throws(() => embeddingModel(models, 'ViT-B-16-SigLIP__webli'), {
    code: 'MODEL_UNAVAILABLE',
    message: /SigLIP .* not supported.* Use clip-vit-b-32 or immich-vit-b-32/,
  });
  const { output } = faceres;
  const wrong = directory({ ...clipManifest('hf'), output });
  assert.throws(() => embeddingModel(wrong, 'tiny-clip'), { code: 'MODEL_INVALID' });
});
