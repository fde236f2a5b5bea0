import { PyDict, PyDtype, PyTuple, asInteger } from '../../records.ts';
import type { Dtype, PyValue } from '../../records.ts';
import { dtypeDepth, invalid } from '../../records/dtype.ts';
import { shapeOf } from './calls/numpy.ts';

/** A node of scikit-learn's trees has 13 fields. */
const maxFields = 256;

/**
 * `dtype.__setstate__`: (version, byte order, subarray, names, fields, itemsize, alignment, flags, metadata).
 * Offsets are taken from the state: packed and aligned dtypes both occur.
 */
export function fillDtype(dtype: PyDtype, state: PyValue): void {
  if (!(state instanceof PyTuple) || state.items.length < 5)
    throw invalid('a dtype with an unknown state');
  const [, order, subarray = null, names = null, fields = null, size = -1, , , metadata = null] =
    state.items;
  const spec: { -readonly [K in keyof Dtype]: Dtype[K] } = {
    ...dtype.spec,
    littleEndian: order !== '>',
  };
  if (order !== '<' && order !== '>' && order !== '|' && order !== '=')
    throw invalid('a dtype without a byte order');
  const itemsize = asInteger(size, 'the size of a dtype');
  if (itemsize >= 0 && 'USV'.includes(spec.code)) spec.itemsize = itemsize;
  if (spec.itemsize > 1 << 20 || (spec.code === 'U' && spec.itemsize % 4 !== 0))
    throw invalid(`a dtype with elements of ${spec.itemsize} bytes`);
  if (subarray !== null) spec.subarray = readSubarray(subarray, spec.itemsize);
  if (names !== null) spec.fields = readFields(names, fields, spec.itemsize);
  const unit = readUnit(metadata);
  if (unit !== undefined) spec.unit = unit;
  dtypeDepth(spec);
  dtype.become(spec);
}

function readFields(
  names: PyValue,
  fields: PyValue,
  itemsize: number,
): NonNullable<Dtype['fields']> {
  if (!(names instanceof PyTuple) || !(fields instanceof PyDict) || names.items.length > maxFields)
    throw invalid(`a structured dtype without fields, or with more than ${maxFields}`);
  const found = new Map<string, { dtype: Dtype; offset: number }>();
  for (const name of names.items) {
    const field = fields.get(name);
    if (typeof name !== 'string' || !(field instanceof PyTuple))
      throw invalid('a structured dtype with a field that is none');
    const [type, at = -1] = field.items;
    const offset = asInteger(at, 'the offset of a field');
    if (!(type instanceof PyDtype) || offset < 0 || offset + type.spec.itemsize > itemsize)
      throw invalid(
        `the field ${JSON.stringify(name.slice(0, 40))} lies beyond its element of ${itemsize} bytes`,
      );
    found.set(name, { dtype: type.spec, offset });
  }
  return found;
}

function readSubarray(value: PyValue, itemsize: number): NonNullable<Dtype['subarray']> {
  const [base, extent] = value instanceof PyTuple ? value.items : [];
  if (!(base instanceof PyDtype)) throw invalid('a dtype with a subarray that is none');
  const shape = shapeOf(extent);
  const bytes = shape.reduce((product, n) => product * n, base.spec.itemsize);
  if (bytes !== itemsize || shape.some((n) => n < 1))
    throw invalid('a dtype with a subarray of another size');
  return { base: base.spec, shape };
}

/** Of a datetime: (metadata, (unit, count, …)). */
function readUnit(metadata: PyValue): string | undefined {
  const detail = metadata instanceof PyTuple ? metadata.items[1] : undefined;
  const [unit, count] = detail instanceof PyTuple ? detail.items : [];
  const name = typeof unit === 'string' ? unit : undefined;
  if (name === undefined) return undefined;
  return typeof count === 'number' && count !== 1 ? `${count}${name}` : name;
}
