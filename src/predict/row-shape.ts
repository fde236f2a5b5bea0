import type { InputLayout, RowLayout } from './row-layout.ts';

/**
 * The dimensions of an input whose row size is open, taken from the first row; the other rows must
 * agree. Where nothing can be taken from it, one value: the row is then refused for its length.
 */
export function rowShape(
  { name, rowDims }: InputLayout,
  { inputs }: RowLayout,
  row: unknown,
): { dims: readonly number[]; size: number } {
  const found = lengths(partOf(row, name, inputs));
  const fixed = rowDims.reduce<number>((size, dim) => size * (dim ?? 1), 1);
  const flat = found.length === 1 && rowDims.filter((dim) => dim === null).length === 1;
  const dims = rowDims.map((dim, axis) => {
    if (dim !== null) return dim;
    // A flat list fills the only open dimension.
    if (flat) return Math.max(1, Math.floor((found[0] ?? 1) / fixed));
    return found[axis] ?? 1;
  });
  return { dims, size: dims.reduce((size, dim) => size * dim, 1) };
}

function partOf(row: unknown, name: string, inputs: readonly InputLayout[]): unknown {
  if (Array.isArray(row) && inputs.length > 1)
    return row[inputs.findIndex((input) => input.name === name)] as unknown;
  if (Array.isArray(row) || typeof row !== 'object' || row === null) return row;
  return (row as Readonly<Record<string, unknown>>)[name];
}

/** How long the list is, and the first list in it, and so on. */
function lengths(value: unknown): number[] {
  const found: number[] = [];
  for (let part = value; Array.isArray(part) && found.length < 8; part = part[0] as unknown)
    found.push(part.length);
  return found;
}
