import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blazeface256 } from '../../src/models/catalog/blazeface-256.ts';
import { emotion } from '../../src/models/catalog/emotion.ts';
import { facemesh } from '../../src/models/catalog/facemesh.ts';
import { faceres } from '../../src/models/catalog/faceres.ts';
import { iris } from '../../src/models/catalog/iris.ts';
import { liveness } from '../../src/models/catalog/liveness.ts';
import type { Face } from '../../src/protocol/face.ts';
import { face as faceSchema } from '../../src/protocol/face.ts';
import type { Point } from '../../src/protocol/image.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { sharp } from '../../src/vision/codec.ts';
import { decode } from '../../src/vision/decode.ts';
import { mirrored, type Pixels } from '../../src/vision/pixels.ts';
import { detectFaces } from '../../src/worker/face-detection.ts';
import { enrichFaces, type FaceModels } from '../../src/worker/face-enrichment.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { hostModel } from '../support/catalog-models.ts';
import { astronaut, LIMITS, photo } from '../vision/image-files.ts';
import { oracleModel } from './oracle-model.ts';

const detector = await hostModel(blazeface256);
const everything = await allModels(hostModel);
const oracle = await allModels(oracleModel);
const plain = await decode(astronaut, LIMITS);
const [woman] = await look(plain);
assert.ok(woman);

async function allModels(bring: (manifest: ModelManifest) => Promise<HostedModel>) {
  return {
    attributes: await bring(faceres),
    emotion: await bring(emotion),
    mesh: await bring(facemesh),
    iris: await bring(iris),
    liveness: await bring(liveness),
    age: true,
    gender: true,
    embedding: true,
    returnMesh: true,
  } satisfies FaceModels;
}

async function look(pixels: Pixels, models: FaceModels = everything): Promise<Face[]> {
  const faces = await detectFaces(pixels, detector, new StageClock());
  return enrichFaces(pixels, faces, models, new StageClock());
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(
    (a[0] ?? Number.NaN) - (b[0] ?? Number.NaN),
    (a[1] ?? Number.NaN) - (b[1] ?? Number.NaN),
  );
const middle = (a: readonly number[], b: readonly number[]): Point => [
  ((a[0] ?? 0) + (b[0] ?? 0)) / 2,
  ((a[1] ?? 0) + (b[1] ?? 0)) / 2,
];
const at = <T>(items: readonly T[] | undefined, index: number): T => {
  const item = items?.[index];
  assert.ok(item !== undefined, `there is no item ${index}`);
  return item;
};
const similarity = (a: readonly number[] = [], b: readonly number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
const near = (found: number | undefined, wanted: number | undefined, tolerance: number) => {
  assert.ok(
    found !== undefined && wanted !== undefined && Math.abs(found - wanted) <= tolerance,
    `${found} is not ${wanted} ± ${tolerance}`,
  );
};

describe('enrichFaces against TensorFlow.js on the same pixels', () => {
  for (const name of ['astronaut.png', 'chelsea.png', 'coffee.png'] as const) {
    it(`${name}: years within 0.1, probabilities within 0.001, points within 0.05 pixels`, async () => {
      const pixels = await decode(photo(name), LIMITS);
      const [found] = await look(pixels);
      const [wanted] = await look(pixels, oracle);
      assert.ok(found && wanted);
      near(found.age, wanted.age, 0.1);
      near(found.liveness, wanted.liveness, 0.001);
      near(found.gender?.score, wanted.gender?.score, 0.001);
      assert.equal(found.gender?.label, wanted.gender?.label);
      assert.equal(found.emotion?.label, wanted.emotion?.label);
      for (const [label, score] of Object.entries(wanted.emotion?.scores ?? {})) {
        near(found.emotion?.scores[label], score, 0.001);
      }
      assert.ok(similarity(found.embedding, wanted.embedding) > 0.9999);
      assert.equal(found.mesh?.length, wanted.mesh?.length);
      for (const [index, point] of (wanted.mesh ?? []).entries()) {
        for (const axis of [0, 1, 2] as const) near(at(found.mesh, index)[axis], point[axis], 0.05);
      }
      for (const eye of ['right', 'left'] as const) {
        assert.equal(found.iris?.[eye].length, wanted.iris?.[eye].length);
        for (const [index, point] of (wanted.iris?.[eye] ?? []).entries()) {
          assert.ok(distance(at(found.iris?.[eye], index), point) <= 0.05);
        }
      }
    });
  }
});

describe('the astronaut', () => {
  it('is a happy live woman of about 35', () => {
    assert.equal(woman.gender?.label, 'female');
    assert.ok(woman.gender.score > 0.65, `${woman.gender.score}`);
    near(woman.age, 35, 3);
    assert.equal(woman.emotion?.label, 'happy');
    assert.ok((woman.emotion.scores['happy'] ?? 0) > 0.99);
    near(
      Object.values(woman.emotion.scores).reduce((sum, score) => sum + score, 0),
      1,
      0.001,
    );
    assert.ok((woman.liveness ?? 0) > 0.95);
  });

  it('has a descriptor of length 1', () => {
    assert.equal(woman.embedding?.length, 1024);
    near(similarity(woman.embedding, woman.embedding), 1, 0.001);
  });

  it('has the mesh on the face: eyes, nose and mouth where the detector sees them', () => {
    assert.equal(woman.mesh?.length, 468);
    const [rightEye, leftEye, nose, mouth] = woman.landmarks;
    assert.ok(rightEye && leftEye && nose && mouth);
    assert.ok(distance(middle(at(woman.mesh, 33), at(woman.mesh, 133)), rightEye) < 3);
    assert.ok(distance(middle(at(woman.mesh, 263), at(woman.mesh, 362)), leftEye) < 3);
    assert.ok(distance(at(woman.mesh, 1), nose) < 6);
    assert.ok(distance(middle(at(woman.mesh, 13), at(woman.mesh, 14)), mouth) < 6);
    // Depth is in pixels too, and the tip of the nose is nearest.
    const depths = woman.mesh.map(([, , z]) => z);
    const [x1, , x2] = woman.box;
    assert.ok(at(woman.mesh, 1)[2] < -0.1 * (x2 - x1));
    assert.ok(at(woman.mesh, 1)[2] < Math.min(...depths) + 5);
    assert.ok(Math.max(...depths) - Math.min(...depths) < x2 - x1);
  });

  it('has irises between the corners of the eyes, with their points in order', () => {
    const corners = { right: [33, 133], left: [263, 362] } as const;
    for (const eye of ['right', 'left'] as const) {
      const [outer, inner] = corners[eye].map((index) => at(woman.mesh, index));
      const [centre, right, top, left, bottom] = woman.iris?.[eye] ?? [];
      assert.ok(outer && inner && centre && right && top && left && bottom);
      const width = distance(outer, inner);
      assert.ok(distance(centre, middle(outer, inner)) < 0.25 * width);
      assert.ok(right[0] > centre[0] && left[0] < centre[0]);
      assert.ok(top[1] < centre[1] && bottom[1] > centre[1]);
      // An iris is 11.7 mm across, the opening of an eye about 30.
      assert.ok(Math.abs(distance(left, right) / width - 0.4) < 0.1);
      near(distance(top, bottom) / distance(left, right), 1, 0.1);
      assert.ok(distance(centre, at(woman.landmarks, eye === 'right' ? 0 : 1)) < 3);
    }
  });

  it('is mirrored by a mirror', async () => {
    const [other] = await look(mirrored(plain));
    assert.ok(other?.mesh && other.iris && woman.mesh && woman.iris);
    const flip = ([x, y]: readonly number[]): Point => [512 - (x ?? 0), y ?? 0];
    // What is on the right is on the left: outer and inner corners, corners of the mouth; the nose stays.
    for (const [index, partner] of [
      [33, 263],
      [133, 362],
      [61, 291],
      [1, 1],
      [152, 152],
    ] as const) {
      const apart = distance(flip(at(other.mesh, index)), at(woman.mesh, partner));
      assert.ok(apart < 4, `${index} is ${apart} pixels from ${partner}`);
    }
    // Right stays right in the picture, so these two points change places.
    for (const [index, partner] of [0, 3, 2, 1, 4].entries()) {
      assert.ok(distance(flip(at(other.iris.right, index)), at(woman.iris.left, partner)) < 2);
      assert.ok(distance(flip(at(other.iris.left, index)), at(woman.iris.right, partner)) < 2);
    }
    assertSamePerson(other);
  });

  for (const degrees of [30, -30]) {
    it(`is the same, turned by ${degrees}°`, async () => {
      const bytes = await sharp(astronaut)
        .rotate(degrees, { background: '#808080' })
        .png()
        .toBuffer();
      const turned = await decode(bytes, LIMITS);
      const [other] = await look(turned);
      assert.ok(other?.mesh && other.iris && woman.mesh && woman.iris);
      // The detector was not trained on tilted heads.
      near(other.pose.roll - woman.pose.roll, degrees, 6);
      assertSamePerson(other);
      const angle = (degrees / 180) * Math.PI;
      const back = ([x = 0, y = 0]: readonly number[]): Point => [
        256 + Math.cos(angle) * (x - turned.width / 2) + Math.sin(angle) * (y - turned.height / 2),
        256 - Math.sin(angle) * (x - turned.width / 2) + Math.cos(angle) * (y - turned.height / 2),
      ];
      for (const index of [33, 133, 263, 362, 1, 61, 291, 152]) {
        const apart = distance(back(at(other.mesh, index)), at(woman.mesh, index));
        assert.ok(apart < 5, `${index} is off by ${apart} pixels`);
      }
      for (const eye of ['right', 'left'] as const) {
        assert.ok(distance(back(at(other.iris[eye], 0)), at(woman.iris[eye], 0)) < 2);
      }
    });
  }

  function assertSamePerson(other: Face): void {
    assert.equal(other.gender?.label, 'female');
    assert.equal(other.emotion?.label, 'happy');
    assert.ok((other.liveness ?? 0) > 0.9, `${other.liveness}`);
    near(other.age, woman?.age, 5);
    assert.ok(similarity(other.embedding, woman?.embedding) > 0.9);
  }
});

describe('enrichFaces', () => {
  const bare = async () => detectFaces(plain, detector, new StageClock());

  it('adds nothing that was not asked for, and runs nothing', async () => {
    const clock = new StageClock();
    const { age: _, gender: __, embedding: ___, ...none } = everything;
    const idle = { attributes: none.attributes, mesh: none.mesh };
    assert.deepEqual(await enrichFaces(plain, await bare(), idle, clock), await bare());
    assert.deepEqual(clock.spent, { decode: 0, preprocess: 0, inference: 0, postprocess: 0 });
  });

  it('computes the mesh for the irises without giving it away', async () => {
    const [found] = await enrichFaces(
      plain,
      await bare(),
      { mesh: everything.mesh, iris: everything.iris },
      new StageClock(),
    );
    assert.deepEqual(found, { ...at(await bare(), 0), iris: woman.iris });
  });

  it('gives each part alone as it gives it with the others', async () => {
    const { attributes } = everything;
    for (const part of ['age', 'gender', 'embedding'] as const) {
      const [found] = await enrichFaces(
        plain,
        await bare(),
        { attributes, [part]: true },
        new StageClock(),
      );
      assert.deepEqual(found, { ...at(await bare(), 0), [part]: woman[part] });
    }
  });

  it('gives every face of a crowd what it gets alone', async () => {
    const [only] = await bare();
    assert.ok(only);
    // Twice as many as are looked at together, each a little elsewhere.
    const crowd = Array.from({ length: 19 }, (_, index) => ({
      ...only,
      box: [only.box[0] + index, only.box[1], only.box[2] + index, only.box[3]] as Face['box'],
    }));
    const found = await enrichFaces(plain, crowd, everything, new StageClock());
    assert.equal(found.length, 19);
    for (const index of [0, 8, 18]) {
      const [alone] = await enrichFaces(plain, [at(crowd, index)], everything, new StageClock());
      const together = at(found, index);
      assert.ok(alone);
      assert.deepEqual(together.box, alone.box);
      near(together.age, alone.age, 0.1);
      near(together.liveness, alone.liveness, 0.001);
      for (const [point, [x, y]] of (alone.mesh ?? []).entries()) {
        assert.ok(distance(at(together.mesh, point), [x, y]) < 0.05);
      }
      assert.ok(distance(at(together.iris?.left, 0), at(alone.iris?.left, 0)) < 0.05);
    }
  });

  it('leaves out mesh and iris where there is no face, and keeps the rest', async () => {
    const [cup] = await look(await decode(photo('coffee.png'), LIMITS));
    assert.ok(cup);
    assert.equal(cup.mesh, undefined);
    assert.equal(cup.iris, undefined);
    assert.ok(cup.age !== undefined);
  });

  it('gives what the protocol says, without needless digits', () => {
    assert.deepEqual(faceSchema.parse(woman), woman);
    const text = JSON.stringify(woman);
    assert.doesNotMatch(text, /\.\d{6}/);
    assert.doesNotMatch(JSON.stringify({ ...woman, embedding: [] }), /\.\d{5}/);
  });

  it('takes faces at the edge of the picture, and without landmarks', async () => {
    const [only] = await bare();
    assert.ok(only);
    for (const box of [
      [0, 0, 4, 4],
      [500, 500, 512, 512],
      [0, 0, 512, 512],
    ] as const) {
      const [found] = await enrichFaces(
        plain,
        [{ ...only, box: [...box], landmarks: [] }],
        everything,
        new StageClock(),
      );
      assert.ok(found?.age !== undefined);
    }
  });

  it('stops between the faces of a crowd when nobody waits for the answer', async () => {
    const faces = await bare();
    const signal = AbortSignal.abort(new Error('gone'));
    await assert.rejects(enrichFaces(plain, faces, everything, new StageClock(), signal), /gone/);
  });
});
