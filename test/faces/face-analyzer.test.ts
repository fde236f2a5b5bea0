import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { similarity } from '../../src/faces/similarity.ts';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { sharp } from '../../src/vision/codec.ts';
import { bytesOf } from '../support/catalog-models.ts';
import { pictureOf, startFaceAnalyzer, type TestFaceModel } from '../support/face-directory.ts';
import { faceModels, type FaceModelName } from '../support/face-models.ts';
import { astronaut, photo } from '../vision/image-files.ts';
import { manifestOf } from '../vision/insightface.ts';

function random(name: FaceModelName): TestFaceModel {
  return { manifest: manifestOf(name), bytes: faceModels[name]() };
}

/** Faces are found by real weights; what is said of them comes from random ones. */
async function models(): Promise<TestFaceModel[]> {
  return [
    { manifest: blazeface256, bytes: await bytesOf(blazeface256) },
    random('arcface'),
    random('genderage'),
    random('2d106det'),
    random('1k3d68'),
    random('inswapper'),
  ];
}

/** The astronaut twice: as she is on the left, at half her size on the right. */
async function couple(): Promise<Buffer> {
  const small = await sharp(astronaut).resize(256, 256).png().toBuffer();
  return await sharp({ create: { width: 800, height: 512, channels: 3, background: '#808080' } })
    .composite([
      { input: astronaut, left: 0, top: 0 },
      { input: small, left: 530, top: 150 },
    ])
    .png()
    .toBuffer();
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof FoveaError && error.code === expected;
}

describe('FaceAnalyzer', () => {
  it('answers an empty list for a picture without faces, and FACE_NOT_FOUND where one is needed', async (t) => {
    const { analyzer } = await startFaceAnalyzer(t, await models());
    const rocket = pictureOf(photo('rocket.jpg'));
    assert.deepEqual((await analyzer.detect(rocket)).faces, []);
    await assert.rejects(analyzer.embed(rocket, 'largest'), code('FACE_NOT_FOUND'));
    await assert.rejects(analyzer.embed(pictureOf(astronaut), 5), (error: FoveaError) => {
      assert.deepEqual([error.code, error.details], ['FACE_NOT_FOUND', { found: 1 }]);
      return true;
    });
  });

  it('tells everything that the suite can, and names its models', async (t) => {
    const { analyzer } = await startFaceAnalyzer(t, await models());
    const suite = analyzer.suite();
    assert.equal(suite.name, 'starter');
    assert.deepEqual([...suite.parts].toSorted(), ['age', 'embedding', 'gender', 'landmarks']);
    const found = await analyzer.analyze(pictureOf(astronaut), [...suite.parts]);
    const [face, ...others] = found.faces;
    assert.ok(face && others.length === 0);
    assert.deepEqual(
      [face.landmarks_106?.length, face.landmarks_68?.length, face.embedding?.length],
      [106, 68, 512],
    );
    assert.ok(face.age !== undefined && face.gender && face.embedding_norm);
    assert.deepEqual(face.quality.reasons, []);
    assert.equal(found.embedder?.name, 'arcface');
    assert.deepEqual(found.models.map(({ name }) => name).toSorted(), [
      '1k3d68',
      '2d106det',
      'arcface',
      'blazeface-256',
      'genderage',
    ]);
    await assert.rejects(
      analyzer.analyze(pictureOf(astronaut), ['emotion']),
      code('MODEL_UNAVAILABLE'),
    );
    assert.throws(() => analyzer.suite('nobody'), code('MODEL_NOT_FOUND'));
  });

  it('chooses the largest, the most central, one by its number, or all', async (t) => {
    const { analyzer } = await startFaceAnalyzer(t, await models());
    const picture = pictureOf(await couple());
    const { faces } = await analyzer.detect(picture);
    assert.equal(faces.length, 2);
    const left = faces.findIndex(({ box }) => box[0] < 400);
    const chosen = async (choice: 'largest' | 'most_central' | 'all' | number) =>
      (await analyzer.embed(picture, choice)).chosen.map(({ box }) => box);
    assert.deepEqual(await chosen('largest'), [faces[left]?.box]);
    assert.deepEqual(await chosen(1), [faces[1]?.box]);
    assert.deepEqual(
      await chosen('all'),
      faces.map(({ box }) => box),
    );
    assert.equal((await chosen('most_central')).length, 1);
  });

  it('swaps the chosen faces and leaves the rest of the picture as it was', async (t) => {
    const { analyzer } = await startFaceAnalyzer(t, await models());
    const target = pictureOf(await couple());
    const { faces } = await analyzer.detect(target);
    const source = { picture: pictureOf(astronaut), choice: 'largest' as const };
    const request = { target, targetChoice: 'largest' as const, source, format: 'png' as const };
    const output = await analyzer.swap(request);
    assert.equal(output.swapped.length, 1);
    const [before, after] = await Promise.all(
      [target.bytes, output.image].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()),
    );
    assert.ok(before && after && before.length === after.length);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = output.swapped[0] ?? [];
    const reach = x2 - x1;
    let [inside, outside] = [0, 0];
    for (let at = 0; at < before.length; at++) {
      if (before[at] === after[at]) continue;
      const [x, y] = [Math.floor(at / 3) % output.width, Math.floor(at / 3 / output.width)];
      const near = x > x1 - reach && x < x2 + reach && y > y1 - reach && y < y2 + reach;
      if (near) inside++;
      else outside++;
    }
    assert.ok(inside > (reach * reach) / 2, `${inside}`);
    assert.equal(outside, 0);
    const both = await analyzer.swap({ ...request, targetChoice: 'all' });
    assert.equal(both.swapped.length, faces.length);
    const nobody = { ...request, target: pictureOf(photo('rocket.jpg')) };
    await assert.rejects(analyzer.swap(nobody), code('FACE_NOT_FOUND'));
  });

  it('takes a stored embedding for the source only from the recogniser in use', async (t) => {
    const { analyzer } = await startFaceAnalyzer(t, await models());
    const { chosen, embedder } = await analyzer.embed(pictureOf(astronaut), 'largest');
    const embedding = chosen[0]?.embedding ?? [];
    const request = {
      target: pictureOf(astronaut),
      targetChoice: 'largest' as const,
      format: 'jpeg' as const,
    };
    const output = await analyzer.swap({
      ...request,
      source: { embedding, digest: embedder.digest },
    });
    assert.equal(output.format, 'jpeg');
    await assert.rejects(
      analyzer.swap({ ...request, source: { embedding, digest: '0'.repeat(64) } }),
      code('EMBEDDING_MODEL_MISMATCH'),
    );
  });

  it('refuses a recogniser that the swapping model was not made for', async (t) => {
    const inswapper = random('inswapper');
    const { output } = inswapper.manifest;
    assert.ok(output.decoder === 'swapped-face');
    const strict = {
      ...inswapper,
      manifest: { ...inswapper.manifest, output: { ...output, embedder: 'f'.repeat(64) } },
    };
    const { analyzer } = await startFaceAnalyzer(t, [...(await models()).slice(0, 2), strict]);
    const source = { picture: pictureOf(astronaut), choice: 'largest' as const };
    await assert.rejects(
      analyzer.swap({ target: pictureOf(astronaut), targetChoice: 'all', source, format: 'png' }),
      code('MODEL_INVALID'),
    );
  });
});

describe('similarity', () => {
  it('is the cosine, and refuses embeddings of different sizes', () => {
    assert.equal(similarity([1, 0], [0.6, 0.8]), 0.6);
    assert.equal(similarity([1, 0], [-1, 0]), -1);
    assert.throws(() => similarity([1], [1, 0]), RangeError);
  });
});
