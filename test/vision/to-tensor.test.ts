import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageInput } from '../../src/protocol/model-manifest.ts';
import { float32Tensor } from '../../src/tensor/tensor.ts';
import { imagesToTensor, imageToTensor } from '../../src/vision/to-tensor.ts';

const input: ImageInput = {
  name: 'x',
  layout: 'nhwc',
  width: 2,
  height: 1,
  channels: 'rgb',
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: 'stretch',
  pad: 0,
};
const pixels = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 };
const valuesOf = (changes: Partial<ImageInput>) => [
  ...imageToTensor(pixels, { ...input, ...changes }).data,
];

describe('imageToTensor', () => {
  it('lays out channels last or first, in either order', () => {
    assert.deepEqual(valuesOf({}), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(valuesOf({ channels: 'bgr' }), [3, 2, 1, 6, 5, 4]);
    assert.deepEqual(valuesOf({ layout: 'nchw' }), [1, 4, 2, 5, 3, 6]);
    assert.deepEqual(valuesOf({ layout: 'nchw', channels: 'bgr' }), [3, 6, 2, 5, 1, 4]);
  });

  it('says the dimensions of its layout', () => {
    assert.deepEqual(imageToTensor(pixels, input).dims, [1, 1, 2, 3]);
    assert.deepEqual(imageToTensor(pixels, { ...input, layout: 'nchw' }).dims, [1, 3, 1, 2]);
  });

  it('makes one channel of luma for gray, alike in both layouts', () => {
    const luma = [1.815, 4.815];
    for (const layout of ['nhwc', 'nchw'] as const) {
      const { data, dims } = imageToTensor(pixels, { ...input, channels: 'gray', layout });
      assert.deepEqual(dims, layout === 'nhwc' ? [1, 1, 2, 1] : [1, 1, 1, 2]);
      for (const [index, value] of luma.entries()) {
        assert.ok(Math.abs((data[index] ?? Number.NaN) - value) < 1e-5);
      }
    }
    const [first] = valuesOf({ channels: 'gray', mean: [1, 9, 9], std: [2, 9, 9] });
    assert.ok(Math.abs((first ?? Number.NaN) - 0.4075) < 1e-5);
  });

  it('puts several pictures into one batch', () => {
    const other = { ...pixels, data: Uint8Array.of(9, 8, 7, 6, 5, 4) };
    const { data, dims } = imagesToTensor([pixels, other], input);
    assert.deepEqual(dims, [2, 1, 2, 3]);
    assert.deepEqual([...data], [1, 2, 3, 4, 5, 6, 9, 8, 7, 6, 5, 4]);
  });

  it('applies mean and std in the order of the channels of the tensor', () => {
    assert.deepEqual(valuesOf({ mean: [1, 0, 0], std: [1, 2, 0.5] }), [0, 1, 6, 3, 2.5, 12]);
    assert.deepEqual(valuesOf({ mean: [3, 0, 0], channels: 'bgr' }), [0, 2, 1, 3, 5, 4]);
  });

  it('maps 0..255 onto -1..1 for the usual 127.5', () => {
    const ends = { data: Uint8Array.of(0, 0, 0, 255, 255, 255), width: 2, height: 1 };
    const usual: ImageInput = { ...input, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
    assert.deepEqual([...imageToTensor(ends, usual).data], [-1, -1, -1, 1, 1, 1]);
  });

  it('reuses the array it is given, and refuses one of another length', () => {
    const out = new Float32Array(6);
    assert.equal(imageToTensor(pixels, input, out).data, out);
    assert.throws(() => imageToTensor(pixels, input, new Float32Array(7)), RangeError);
  });

  it('refuses pixels of another size', () => {
    assert.throws(() => imageToTensor({ ...pixels, width: 1, height: 2 }, input), RangeError);
  });
});

describe('float32Tensor', () => {
  it('takes scalars and refuses data that do not fill the dimensions', () => {
    assert.equal(float32Tensor(new Float32Array(1), []).dtype, 'float32');
    assert.throws(() => float32Tensor(new Float32Array(5), [2, 3]), RangeError);
  });
});
