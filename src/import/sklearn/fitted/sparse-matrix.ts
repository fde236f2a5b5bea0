import { NdArray, PyObject } from '../records.ts';
import type { PyValue } from '../records.ts';

/** Elements of a sparse matrix once it is written out. */
const maxElements = 2 ** 26;

/** A `scipy.sparse` matrix of rows (csr), written out. Undefined for anything else, or if it contradicts itself. */
export function sparseMatrix(
  value: PyValue,
): { shape: readonly number[]; data: Float64Array } | undefined {
  if (!(value instanceof PyObject) || !/^csr_(?:matrix|array)$/.test(value.name)) return undefined;
  const part = (name: string) => {
    const found = value.attributes.get(name);
    return found instanceof NdArray ? found.numbers() : undefined;
  };
  const [data, indices, starts] = [part('data'), part('indices'), part('indptr')];
  const size = value.attributes.get('_shape');
  const [rows, columns] =
    size !== null && typeof size === 'object' && 'items' in size ? size.items.map(Number) : [];
  if (!data || !indices || !starts || rows === undefined || columns === undefined) return undefined;
  if (!(rows * columns <= maxElements) || starts.length !== rows + 1) return undefined;
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1)
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
      const column = indices[at] ?? -1;
      if (column < 0 || column >= columns || at >= data.length) return undefined;
      out[row * columns + column] = data[at] ?? 0;
    }
  return { shape: [rows, columns], data: out };
}
