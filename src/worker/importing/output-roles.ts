import type { NamedTensors } from '../../engine/tabular-tasks.ts';
import type { ClassLabel, ModelOutput } from '../../protocol/model-version.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { SignatureHints } from './importer.ts';

type Role = ModelOutput['role'];

export interface Roles {
  readonly of: ReadonlyMap<string, Role>;
  readonly classes: readonly ClassLabel[] | undefined;
}

/**
 * What each output is for, as far as runs show it: probabilities lie in 0..1 and add up to 1 per
 * row, labels are among the classes. What is not shown stays a plain value. A format that knows its outputs says so.
 */
export function outputRoles(runs: readonly NamedTensors[], hints: SignatureHints): Roles {
  if (hints.outputs) {
    const of = new Map([...hints.outputs].map(([name, { role }]) => [name, role]));
    return { of, classes: hints.classes };
  }
  const names = Object.keys(runs[0] ?? {});
  const tensors = (name: string): Tensor[] => runs.flatMap((run) => run[name] ?? []);
  const hinted = hints.probabilities;
  const probabilities = names.find((name) =>
    tensors(name).every((tensor) =>
      isDistribution(tensor, name === hinted ? undefined : hints.classes?.length),
    ),
  );
  const width = probabilities === undefined ? undefined : tensors(probabilities)[0]?.dims[1];
  const fits = width === undefined || hints.classes?.length === width;
  const classes = fits ? hints.classes : undefined;
  const label =
    classes || probabilities !== undefined
      ? names.find((name) => tensors(name).every((tensor) => isLabel(tensor, classes)))
      : undefined;
  const of = new Map<string, Role>(names.map((name) => [name, 'value']));
  // A distribution that nobody calls classes and that comes without labels is just a vector.
  if (probabilities !== undefined && (classes || label !== undefined))
    of.set(probabilities, 'probabilities');
  if (label !== undefined) of.set(label, 'label');
  return { of, classes: label !== undefined || of.get(probabilities ?? '') ? classes : undefined };
}

function isDistribution({ dtype, dims, data }: Tensor, classes: number | undefined): boolean {
  const [, width = 0] = dims;
  if ((dtype !== 'float32' && dtype !== 'float64') || dims.length !== 2 || width < 2) return false;
  if (classes !== undefined && classes !== width) return false;
  const values = data as Float32Array | Float64Array;
  for (let start = 0; start < values.length; start += width) {
    let sum = 0;
    for (const value of values.subarray(start, start + width)) {
      if (!(value >= 0 && value <= 1 + 1e-5)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

function isLabel(
  { dtype, dims, data }: Tensor,
  classes: readonly ClassLabel[] | undefined,
): boolean {
  if (dtype === 'float32' || dtype === 'float64') return false;
  if (dims.length === 0 || dims.length > 2 || (dims.length === 2 && dims[1] !== 1)) return false;
  if (!classes) return true;
  const known = new Set(classes.map(String));
  return Array.from<unknown>(data as ArrayLike<unknown>).every((value) => {
    const text = dtype === 'bool' ? String(value === 1) : String(value);
    return known.has(text) || known.has(String(value));
  });
}
