import { misfit, type OutputTensors } from './output-tensor.ts';

/**
 * An output for one picture as rows of `values` numbers: [rows, values], with a leading 1 or without; a column
 * of one value may also come without its own dimension. May hold what is no finite number.
 * @param rows how many there must be, when that is known
 * @throws FoveaError MODEL_INVALID when it is missing or of another shape
 */
export function outputMatrix(
  outputs: OutputTensors,
  name: string,
  values: number,
  rows?: number,
): Float32Array[] {
  const tensor = outputs[name];
  const found = tensor && rowsIn(tensor.dims, values);
  if (tensor === undefined || found === undefined || (rows !== undefined && rows !== found))
    throw misfit(outputs, name, `[${rows ?? 'n'}, ${values}]`);
  return Array.from({ length: found }, (_, row) =>
    tensor.data.subarray(row * values, (row + 1) * values),
  );
}

/** The number of rows when the dimensions hold rows of so many values. */
function rowsIn(dims: readonly number[], values: number): number | undefined {
  const plain = dims.length > 1 && dims[0] === 1 ? dims.slice(1) : dims;
  const [rows = 0, ...rest] = plain;
  if (plain.length === 2 && rest[0] === values) return rows;
  if (plain.length === 1 && values === 1) return rows;
  // [1, values] is one row.
  return dims.length === 2 && dims[1] === values ? dims[0] : undefined;
}
