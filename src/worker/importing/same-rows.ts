import type { NamedTensors } from '../../engine/tabular-tasks.ts';
import { elementCount, type Tensor } from '../../tensor/tensor.ts';

/** Relative difference that counts as nearly the same: some units in the last place of each type. */
const tolerance: Readonly<Record<string, number>> = { float32: 1e-5, float64: 1e-12 };

export type Agreement = 'exact' | 'close' | 'none';

/** Whether every output has one entry per row along its first dimension. */
export function hasRows(outputs: NamedTensors, rows: number): boolean {
  return Object.values(outputs).every(({ dims }) => dims.length > 0 && dims[0] === rows);
}

/** How the rows of a run agree with the same rows run alone. Both must have rows along the first dimension. */
export function compareRows(together: NamedTensors, alone: readonly NamedTensors[]): Agreement {
  let agreement: Agreement = 'exact';
  for (const [name, tensor] of Object.entries(together)) {
    for (const [row, outputs] of alone.entries()) {
      const single = outputs[name];
      const found = single ? compareRow(tensor, single, row) : 'none';
      if (found === 'none') return 'none';
      if (found === 'close') agreement = 'close';
    }
  }
  return agreement;
}

function compareRow(together: Tensor, single: Tensor, row: number): Agreement {
  const size = elementCount(single.dims);
  if (together.dims.slice(1).join() !== single.dims.slice(1).join()) return 'none';
  let agreement: Agreement = 'exact';
  for (let i = 0; i < size; i += 1) {
    const [a, b] = [together.data[row * size + i], single.data[i]];
    if (Object.is(a, b) || a === b) continue;
    if (typeof a !== 'number' || typeof b !== 'number') return 'none';
    const allowed = (tolerance[together.dtype] ?? 0) * Math.max(1, Math.abs(a), Math.abs(b));
    if (!(Math.abs(a - b) <= allowed)) return 'none';
    agreement = 'close';
  }
  return agreement;
}
