import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  NdArray,
  NumpyScalar,
  PyDict,
  PyFloat,
  PyGlobal,
  PyList,
  PyObject,
  PyTuple,
  asBoolean,
  asInteger,
  asItems,
  asNumber,
  asString,
  attribute,
} from '../../../../src/import/sklearn/records.ts';
import { parseDtype } from '../../../../src/import/sklearn/records/dtype.ts';

const int64 = parseDtype('<i8');

function array(
  code: string,
  shape: readonly number[],
  bytes: Uint8Array,
  order: 'C' | 'F' = 'C',
): NdArray {
  return new NdArray({ dtype: parseDtype(code), shape, order, bytes });
}

describe('records', () => {
  it('a dict takes 1, 1.0, True and numpy.int64(1) for one key, and keeps the first', () => {
    const dict = new PyDict();
    for (const key of [true, 1, new PyFloat(1), new NumpyScalar(int64, 1)])
      dict.set(key, String(dict.size));
    assert.deepEqual([dict.size, dict.keys(), dict.get(1)], [1, [true], '1']);
    dict.set('1', 'text');
    assert.deepEqual(
      [...dict.entries()],
      [
        [true, '1'],
        ['1', 'text'],
      ],
    );
    assert.equal(dict.get('__proto__'), undefined);
    assert.equal(new PyDict().get('constructor'), undefined);
  });

  it('numbers of an array come in C order, also from bytes that lie at an odd place', () => {
    const odd = new Uint8Array(49);
    const view = new DataView(odd.buffer, 1);
    for (let i = 0; i < 6; i += 1) view.setFloat64(i * 8, i, true);
    assert.deepEqual([...array('<f8', [2, 3], odd.subarray(1), 'F').numbers()], [0, 2, 4, 1, 3, 5]);
    assert.deepEqual([...array('<f8', [2, 3], odd.subarray(1)).numbers()], [0, 1, 2, 3, 4, 5]);
  });

  it('an integer that float64 does not hold is refused, not rounded', () => {
    const bytes = new Uint8Array(new BigInt64Array([2n ** 53n + 1n]).buffer);
    assert.deepEqual(array('<i8', [1], bytes).values(), [2n ** 53n + 1n]);
    assert.throws(() => array('<i8', [1], bytes).numbers(), {
      code: 'ARRAY_INVALID',
      message: /9007199254740993/,
    });
    assert.throws(() => array('<U1', [1], new Uint8Array(4)).numbers(), {
      code: 'ARRAY_INVALID',
      message: /<U1/,
    });
  });

  it('accessors take numpy scalars and 0-d arrays, and name the place otherwise', () => {
    const one = array('<f4', [], new Uint8Array(new Float32Array([1.5]).buffer));
    assert.equal(asNumber(one, 'intercept_'), 1.5);
    assert.equal(asInteger(new NumpyScalar(int64, 7), 'n'), 7);
    assert.equal(asBoolean(1, 'flag'), true);
    assert.deepEqual(asItems(new PyTuple([1, 'a']), 'x'), [1, 'a']);
    assert.throws(() => asInteger(new PyFloat(0.5), 'steps[0].k'), {
      code: 'RECORD_TYPE',
      message: /steps\[0\]\.k is float/,
    });
    assert.throws(() => asString(new PyList(), 'kernel'), {
      code: 'RECORD_TYPE',
      message: /kernel is list/,
    });
    const estimator = new PyObject(new PyGlobal('sklearn.svm._classes', 'SVC'));
    assert.throws(() => attribute(estimator, 'classes_', "step 'clf'"), {
      code: 'RECORD_MISSING',
      message: /SVC at step 'clf' has no attribute classes_/,
    });
  });
});
