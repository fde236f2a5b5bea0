import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import type { ModelManifest } from '../../src/protocol/model-manifest.ts';
import { faceEmbeddings } from '../../src/worker/face-details.ts';
import { paintFace } from '../../src/worker/face-painting.ts';
import type { HostedModel } from '../../src/worker/hosted-model.ts';
import type { Session } from '../../src/worker/session.ts';
import { StageClock } from '../../src/worker/stage-clock.ts';
import { manifestOf } from '../vision/insightface.ts';

type Run = Pick<Session, 'run'>['run'];
type Feeds = Parameters<Run>[0];

const inswapper = manifestOf('inswapper');
const cut = { data: new Uint8Array(3 * 16 * 16).fill(255), width: 16, height: 16 };
const source = { embedding: [0.6, 0.8], norm: 5 };

/** A model of the ghost family: two values, 16 x 16, -1 to 1. */
function ghost(more: Partial<HostedModel> = {}): { model: HostedModel; fed: Feeds[] } {
  const fed: Feeds[] = [];
  const manifest: ModelManifest = {
    ...inswapper,
    input: {
      ...inswapper.input,
      width: 16,
      height: 16,
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    },
    output: {
      decoder: 'swapped-face',
      picture: 'output',
      source: 'source',
      size: 2,
      span: 'signed',
      converter: { file: 'converter.onnx', input: 'input', output: 'converted' },
    },
  };
  const run: Run = (feeds) => {
    fed.push(feeds);
    const data = new Float32Array(3 * 256).fill(-1).fill(0, 256, 512).fill(1.2, 512);
    return Promise.resolve({ output: { dims: [1, 3, 16, 16], data } });
  };
  const spec = { manifest, directory: '', digest: '' };
  return { model: { spec, session: { run }, ...more }, fed };
}

describe('paintFace of the ghost family', () => {
  it('feeds what the converter makes of the embedding before it was normalised', async () => {
    const { model, fed } = ghost({
      converter: {
        run: (feeds) => {
          const [a = 0, b = 0] = feeds['input']?.data ?? [];
          return Promise.resolve({ converted: { dims: [1, 2], data: Float32Array.of(b, 2 * a) } });
        },
      },
    });
    const painted = await paintFace(cut, source, model, new StageClock());
    assert.deepEqual([...(fed[0]?.['source']?.data ?? [])], [4, 6]);
    assert.deepEqual(fed[0]?.['target']?.dims, [1, 3, 16, 16]);
    assert.equal(fed[0]?.['target']?.data[0], 1);
    assert.deepEqual([...painted.data.subarray(0, 3)], [0, 127, 255]);
  });

  it('refuses embeddings of another size, and a model without matrix or converter', async () => {
    const code = (error: unknown): boolean =>
      error instanceof FoveaError && error.code === 'MODEL_INVALID';
    const { model } = ghost();
    await assert.rejects(paintFace(cut, source, model, new StageClock()), code);
    const long = { embedding: [1, 0, 0], norm: 1 };
    await assert.rejects(paintFace(cut, long, model, new StageClock()), code);
  });
});

describe('faceEmbeddings', () => {
  /** Says how bright the left half of its input is, and how bright the right. */
  const halves: Run = (feeds) => {
    const data = feeds['data']?.data ?? new Float32Array();
    const sums = [0, 0];
    for (let at = 0; at < 112 * 112; at++) {
      const side = at % 112 < 56 ? 0 : 1;
      sums[side] = (sums[side] ?? 0) + (data[at] ?? 0) + 1;
    }
    return Promise.resolve({ fc1: { dims: [1, 2], data: Float32Array.from(sums) } });
  };
  // White on the left, black on the right.
  const picture = { data: new Uint8Array(3 * 112 * 112), width: 112, height: 112 };
  for (let at = 0; at < 112 * 112; at++)
    if (at % 112 < 56) picture.data.fill(255, 3 * at, 3 * at + 3);
  const look = {
    picture,
    face: {
      box: [0, 0, 112, 112] as [number, number, number, number],
      landmarks: [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
      ] as [number, number][],
    },
  };

  async function embedded(flip: boolean) {
    const manifest = manifestOf('arcface');
    const model: HostedModel = {
      spec: {
        manifest: {
          ...manifest,
          input: { ...manifest.input, batch: 1 },
          output: { decoder: 'embedding', values: 'fc1', size: 2, flip },
        },
        directory: '',
        digest: '',
      },
      session: { run: halves },
    };
    const [found] = await faceEmbeddings([look], model, new StageClock());
    return found?.embedding ?? [];
  }

  it('adds the mirror image where the manifest says so', async () => {
    const [left = 0, right = 0] = await embedded(false);
    assert.ok(left > 0.99 && right < 0.1, `${left}, ${right}`);
    const [a = 0, b = 0] = await embedded(true);
    assert.ok(Math.abs(a - b) < 1e-6 && Math.abs(a - Math.SQRT1_2) < 1e-6, `${a}, ${b}`);
  });
});
