import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { settings } from '../../src/config.ts';
import { defaultHubSettings } from '../../src/hub/hub-settings.ts';
import { resolveSource } from '../../src/hub/sources.ts';
import { catalog } from '../../src/models/catalog/index.ts';
import { facePackNames, packs } from '../../src/models/packs/index.ts';
import { LicenceLedger } from '../../src/models/packs/licence-ledger.ts';
import { insightfaceTerms } from '../../src/models/packs/licence-terms.ts';
import { modelManifest } from '../../src/protocol/model-manifest.ts';

test('every manifest of a pack fits the schema, is pinned, and names sources that can be asked', async () => {
  const names = new Set(catalog.map(({ name }) => name));
  for (const pack of packs)
    for (const model of pack.models) {
      assert.deepEqual(modelManifest.parse(model), model, model.name);
      assert.equal(model.pack, pack.name);
      assert.ok(!names.has(model.name), `${model.name} is there once`);
      names.add(model.name);
      for (const { source, mirrors = [], sha256, bytes } of model.files) {
        assert.ok(sha256 && bytes);
        for (const each of [source, ...mirrors]) {
          const plain = each.replace(/^zip:(.*)#.*$/, '$1').replace(/^tfjs:/, '');
          assert.equal((await resolveSource(plain, defaultHubSettings)).kind, 'remote');
          // A branch would move under the digest.
          if (plain.startsWith('hf:')) assert.match(plain, /@[0-9a-f]{40}:/);
        }
      }
    }
});

test('every part of a suite is a model of the pack or of the starter', () => {
  for (const { name, models, suite } of packs) {
    if (!suite) continue;
    const known = new Set([...models, ...catalog].map((model) => model.name));
    for (const part of Object.values(suite).flat())
      assert.ok(known.has(part as string), `${name}: ${String(part)}`);
  }
});

test('FOVEA_FACE_PACK takes every pack that can look at faces, and no other', () => {
  for (const name of facePackNames) settings.FOVEA_FACE_PACK.schema.parse(name);
  assert.throws(() => settings.FOVEA_FACE_PACK.schema.parse('inswapper_128'));
});

test('terms are accepted once, version by version; a ledger that cannot be read accepts nothing', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-ledger-'));
  t.after(async () => rm(directory, { recursive: true, force: true }));
  const ledger = new LicenceLedger(directory);
  await assert.rejects(ledger.require(insightfaceTerms, 'buffalo_l'), {
    code: 'LICENCE_NOT_ACCEPTED',
  });
  await Promise.all(['ada', 'bob'].map(async (by) => ledger.accept(insightfaceTerms, by)));
  assert.equal((await ledger.list()).length, 1);
  await ledger.require(insightfaceTerms, 'buffalo_l');
  await assert.rejects(ledger.require({ ...insightfaceTerms, version: 'next' }, 'buffalo_l'), {
    code: 'LICENCE_NOT_ACCEPTED',
  });
  await writeFile(join(directory, 'licences.json'), '{');
  await assert.rejects(ledger.require(insightfaceTerms, 'buffalo_l'), {
    code: 'LICENCE_NOT_ACCEPTED',
  });
});
