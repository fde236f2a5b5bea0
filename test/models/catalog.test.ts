import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { catalog } from '../../src/models/catalog/index.ts';
import { modelManifest } from '../../src/protocol/model-manifest.ts';
import { bytesOf } from '../support/catalog-models.ts';

describe('the catalog', () => {
  for (const manifest of catalog) {
    it(`${manifest.name}: fits the schema, and its file is what the source gives`, async () => {
      assert.deepEqual(modelManifest.parse(manifest), manifest);
      const [file] = manifest.files;
      const bytes = await bytesOf(manifest);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      assert.deepEqual(
        { bytes: bytes.length, sha256 },
        { bytes: file?.bytes, sha256: file?.sha256 },
      );
    });
  }

  it('names every model once, with its licence and origin', () => {
    assert.equal(new Set(catalog.map(({ name }) => name)).size, catalog.length);
    for (const { licence, origin } of catalog) {
      assert.match(licence.spdx, /^(?:MIT|Apache-2\.0)$/);
      assert.match(origin, /^https:\/\/github\.com\//);
      assert.ok(licence.holder.length > 5);
    }
  });
});
