import type { Fitted } from '../fitted/fitted.ts';
import type { ColumnChoice } from './composition-state.ts';

/**
 * Where the columns are that a `ColumnTransformer` gives to one of its transformers: names, positions
 * (negative ones from the end), a mask, or a slice of either.
 */
export function columnIndexes(
  model: Fitted,
  step: string,
  choice: ColumnChoice,
  width: number,
): readonly number[] {
  const names = model.has('feature_names_in_') ? model.strings('feature_names_in_') : [];
  const find = (key: number | string): number => {
    const at = typeof key === 'string' ? names.indexOf(key) : key < 0 ? key + width : key;
    if (Number.isInteger(at) && at >= 0 && at < width) return at;
    throw model.refusal(
      `its step ${step} reads the column ${JSON.stringify(key)}, which is not there`,
    );
  };
  if (choice.kind === 'keys') return choice.keys.map(find);
  if (choice.kind === 'mask') {
    if (choice.mask.length !== width)
      throw model.refusal(
        `its step ${step} has a mask of ${choice.mask.length} for ${width} columns`,
      );
    return choice.mask.flatMap((chosen, i) => (chosen ? [i] : []));
  }
  return sliced(choice, find, width);
}

/** Python's slices: by position the end is left out, by name it is included. */
function sliced(
  { start, stop, step }: Extract<ColumnChoice, { kind: 'slice' }>,
  find: (key: number | string) => number,
  width: number,
): number[] {
  const bound = (key: number) => Math.min(Math.max(key < 0 ? key + width : key, 0), width);
  const from = start === null ? 0 : typeof start === 'string' ? find(start) : bound(start);
  const to = stop === null ? width : typeof stop === 'string' ? find(stop) + 1 : bound(stop);
  const indexes: number[] = [];
  for (let i = from; i < to; i += Math.max(step ?? 1, 1)) indexes.push(i);
  return indexes;
}
