import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { activeSuite, packSuite, type FaceModelDirectory } from '../../src/faces/active-suite.ts';
import { catalog } from '../../src/models/catalog/index.ts';
import { packNamed } from '../../src/models/packs/index.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';

function directoryOf(manifests: readonly ModelManifest[]): FaceModelDirectory {
  return {
    list: () => manifests.map(({ name }) => ({ name, active: true, digest: `digest of ${name}` })),
    manifestOf: (name) => {
      const found = manifests.find((manifest) => manifest.name === name);
      assert.ok(found);
      return found;
    },
    use: (_name, _signal, work) => work(),
  };
}

const starter = directoryOf(catalog);
const { models: buffalo } = packNamed('buffalo_l');
const { models: small } = packNamed('buffalo_sc');
const { models: painters } = packNamed('inswapper_128');

describe('activeSuite', () => {
  it('is the starter where there is no pack: embeddings are its descriptors', () => {
    const suite = activeSuite(starter);
    assert.equal(suite.name, 'starter');
    assert.deepEqual(
      [suite.embedder?.name, suite.embedder?.size, suite.embedder?.digest],
      ['faceres', 1024, 'digest of faceres'],
    );
    assert.deepEqual([...suite.parts].toSorted(), [
      'age',
      'embedding',
      'emotion',
      'gender',
      'iris',
      'liveness',
      'mesh',
    ]);
    assert.equal(suite.swapper, undefined);
    assert.equal(packSuite(starter, 'vision'), undefined);
  });

  it('is the pack in use, completed by the starter where they share workers', () => {
    const directory = directoryOf([...buffalo, ...catalog]);
    const suite = activeSuite(directory);
    assert.equal(suite.name, 'buffalo_l');
    assert.equal(suite.embedder?.size, 512);
    assert.equal(suite.models.landmarks?.length, 2);
    assert.deepEqual([suite.models.emotion, suite.models.liveness], ['emotion', 'liveness']);
    assert.deepEqual(packSuite(directory, 'vision'), suite.models);
    assert.equal(packSuite(directory, 'elsewhere'), undefined);
    assert.equal(activeSuite(directory, 'starter').models.detection, 'blazeface-256');
  });

  it('takes age and gender from the starter for a pack that has none', () => {
    const suite = activeSuite(directoryOf([...small, ...catalog]));
    assert.deepEqual([suite.name, suite.models.attributes], ['buffalo_sc', 'faceres']);
    assert.ok(suite.models.embedding?.startsWith('buffalo_sc'));
  });

  it('does not take a pack that paints faces for the one that finds them', () => {
    const suite = activeSuite(directoryOf([...painters, ...buffalo, ...catalog]));
    assert.equal(suite.name, 'buffalo_l');
    assert.deepEqual(
      [suite.swapper?.manifest.task, suite.swapper?.group],
      ['face-swap', painters.at(-1)?.group],
    );
    assert.equal(activeSuite(directoryOf([...painters, ...catalog])).name, 'starter');
  });

  it('does not mix models of other workers in', () => {
    const apart = buffalo.map((manifest) => ({ ...manifest, group: 'apart' }));
    const suite = activeSuite(directoryOf([...apart, ...catalog]));
    assert.deepEqual([suite.group, suite.models.emotion], ['apart', undefined]);
    assert.ok(!suite.parts.has('emotion'));
  });

  it('says that there is no such pack, or nothing that finds faces', () => {
    const code = (expected: string) => (error: unknown) =>
      error instanceof FoveaError && error.code === expected;
    assert.throws(() => activeSuite(starter, 'nobody'), code('MODEL_NOT_FOUND'));
    assert.throws(() => activeSuite(directoryOf([])), code('MODEL_UNAVAILABLE'));
  });
});
