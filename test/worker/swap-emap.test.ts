import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { FoveaError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode-model.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { dataTypes, type Tensor } from '../../src/onnx/model.ts';
import { readEmap } from '../../src/worker/swap-emap.ts';
import { swapModel } from '../support/face-models.ts';

const original = decodeModel(swapModel(51));
const matrix = original.graph.initializers.at(-1);
assert.ok(matrix?.raw);
const values = new Float32Array(Uint8Array.from(matrix.raw).buffer);

function withLast(tensor: Tensor | undefined): Uint8Array {
  const { graph } = original;
  const initializers = [...graph.initializers.slice(0, -1), ...(tensor ? [tensor] : [])];
  return encodeModel({ ...original, graph: { ...graph, initializers } });
}

async function emapOf(t: TestContext, model: Uint8Array, beside?: Uint8Array) {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-emap-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'model.onnx'), model);
  if (beside) await writeFile(join(directory, 'emap.f32'), beside);
  return await readEmap(directory, 'model.onnx', 512);
}

function invalid(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof FoveaError && error.code === 'MODEL_INVALID' && message.test(error.message);
}

describe('readEmap', () => {
  it('reads the last initialiser, which no node uses', async (t) => {
    assert.deepEqual(await emapOf(t, withLast(matrix)), values);
  });

  it('reads halves', async (t) => {
    // 1.5, -2 and the smallest number, again and again.
    const raw = new Uint8Array(2 * 512 * 512);
    const view = new DataView(raw.buffer);
    const halves = [0x3e00, 0xc000, 0x0001];
    for (let at = 0; at < 512 * 512; at++) view.setUint16(2 * at, halves[at % 3] ?? 0, true);
    const found = await emapOf(t, withLast({ ...matrix, dataType: dataTypes.float16, raw }));
    assert.deepEqual([...found.subarray(0, 4)], [1.5, -2, 2 ** -24, 1.5]);
  });

  it('takes the file beside the model before anything else', async (t) => {
    const other = values.map((value) => -value);
    const found = await emapOf(t, withLast(undefined), new Uint8Array(other.buffer));
    assert.deepEqual(found, other);
  });

  it('refuses a model that an optimiser took the matrix from', async (t) => {
    await assert.rejects(emapOf(t, withLast(undefined)), invalid(/original file/));
  });

  it('refuses a matrix with NaN, of whole numbers, or far too large', async (t) => {
    const broken = new Uint8Array(values.with(7, NaN).buffer);
    await assert.rejects(emapOf(t, withLast({ ...matrix, raw: broken })), invalid(/finite/));
    const ints = { ...matrix, dataType: dataTypes.int32 };
    await assert.rejects(emapOf(t, withLast(ints)), invalid(/no matrix of floats/));
    const huge = { ...matrix, dims: [1024, 512], raw: new Uint8Array(2 * values.byteLength) };
    await assert.rejects(emapOf(t, withLast(huge)), invalid(/at most/));
  });

  it('refuses files that are cut off or no models', async (t) => {
    const whole = withLast(matrix);
    for (const part of [0.1, 0.5, 0.99])
      await assert.rejects(
        emapOf(t, whole.subarray(0, Math.trunc(whole.length * part))),
        invalid(/matrix/),
      );
    await assert.rejects(emapOf(t, new Uint8Array(5000).fill(0xff)), invalid(/matrix/));
    await assert.rejects(emapOf(t, new Uint8Array(0)), invalid(/matrix/));
  });
});
