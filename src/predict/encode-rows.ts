import type { NamedTensors } from '../engine/tabular-tasks.ts';
import { FoveaError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { columnWriter, type ColumnWriter } from './column-writer.ts';
import { Mistakes } from './mistakes.ts';
import type { InputLayout, RowLayout } from './row-layout.ts';
import { rowShape } from './row-shape.ts';
import { ruledWriter } from './value-rule.ts';

/** The tensors of a block of rows: all rows of a request, or one of them. */
interface Block {
  readonly writers: readonly ColumnWriter[];
  readonly layout: RowLayout;
  /** Dimensions of a row and number of values, per input. */
  readonly shapes: readonly { readonly dims: readonly number[]; readonly size: number }[];
}

/**
 * The rows of a request as tensors, written by hand: no schema looks at single numbers. One set for
 * all rows, or one per row where rows cannot share a run.
 * @throws FoveaError PREDICT_INPUT_INVALID naming rows and columns, REQUEST_INVALID for too many rows.
 */
export function encodeRows(layout: RowLayout, rows: readonly unknown[]): NamedTensors[] {
  const mistakes = new Mistakes();
  if (layout.together) {
    const block = openBlock(layout, rows.length, rows[0]);
    for (let row = 0; row < rows.length && !mistakes.full; row += 1)
      writeRow(block, row, row, rows[row], mistakes);
    mistakes.throwIfAny();
    return [tensorsOf(block, rows.length)];
  }
  const runs = rows.map((row, index) => {
    const block = openBlock(layout, 1, row);
    if (!mistakes.full) writeRow(block, 0, index, row, mistakes);
    return tensorsOf(block, 1);
  });
  mistakes.throwIfAny();
  return runs;
}

const mostElements = 16_000_000;

function openBlock(layout: RowLayout, rows: number, example: unknown): Block {
  const shapes = layout.inputs.map((input) =>
    input.width === null
      ? rowShape(input, layout, example)
      : { dims: input.rowDims.map((dim) => dim ?? 1), size: input.width },
  );
  const total = shapes.reduce((sum, { size }) => sum + size * rows, 0);
  if (total > mostElements)
    throw new FoveaError(
      'REQUEST_INVALID',
      `The rows hold ${total} values; at most ${mostElements} are computed at once.`,
    );
  const writers = layout.inputs.map(({ dtype, nullable, rule }, index) => {
    const writer = columnWriter(dtype, (shapes[index]?.size ?? 0) * rows, nullable);
    return rule ? ruledWriter(writer, rule) : writer;
  });
  return { writers, layout, shapes };
}

function tensorsOf({ writers, layout, shapes }: Block, rows: number): NamedTensors {
  const tensors: Record<string, Tensor> = {};
  for (const [index, { name, dtype, hasRows }] of layout.inputs.entries()) {
    const dims = shapes[index]?.dims ?? [];
    const data = writers[index]?.data;
    tensors[name] = { dtype, dims: hasRows ? [rows, ...dims] : dims, data } as Tensor;
  }
  return tensors;
}

/** `row` is the place in the block, `number` the place in the request. */
function writeRow(
  block: Block,
  row: number,
  number: number,
  value: unknown,
  mistakes: Mistakes,
): void {
  if (Array.isArray(value)) writeList(block, row, number, value, mistakes);
  else if (typeof value === 'object' && value !== null)
    writeRecord(block, row, number, value as Readonly<Record<string, unknown>>, mistakes);
  else writeList(block, row, number, [value], mistakes);
}

function writeList(
  block: Block,
  row: number,
  number: number,
  list: readonly unknown[],
  mistakes: Mistakes,
): void {
  const { inputs, unused } = block.layout;
  const skipped = unused.places.size;
  const values = skipped === 0 ? list : list.filter((_, at) => !unused.places.has(at));
  const total = block.shapes.reduce((sum, { size }) => sum + size, 0);
  const nested = inputs.length === 1 && values.some(Array.isArray);
  if (nested) return writeNested(block, 0, row, number, values, mistakes);
  if (values.length === total && list.length === total + skipped && !values.some(Array.isArray)) {
    let at = 0;
    for (const [input, { size }] of block.shapes.entries()) {
      for (let i = 0; i < size; i += 1) {
        write(block, input, row, i, values[at], number, mistakes);
        at += 1;
      }
    }
  } else if (skipped === 0 && inputs.length > 1 && list.length === inputs.length) {
    for (const [input, part] of list.entries())
      writeNested(block, input, row, number, part, mistakes);
  } else {
    mistakes.add(number, null, `it has ${counted(list.length)}; ${needed(total + skipped)}`);
  }
}

function writeRecord(
  block: Block,
  row: number,
  number: number,
  record: Readonly<Record<string, unknown>>,
  mistakes: Mistakes,
): void {
  const { keys, inputs, unused } = block.layout;
  const filled = inputs.map(() => 0);
  for (const [key, value] of Object.entries(record)) {
    const place = keys.get(key);
    if (!place) {
      if (unused.names.has(key)) continue;
      mistakes.add(number, key.slice(0, 200), 'the model knows no such feature');
    } else if (place.at === null) {
      writeNested(block, place.input, row, number, value, mistakes);
      filled[place.input] = block.shapes[place.input]?.size ?? 0;
    } else {
      write(block, place.input, row, place.at, value, number, mistakes);
      filled[place.input] = (filled[place.input] ?? 0) + 1;
    }
  }
  for (const [index, input] of inputs.entries())
    if ((filled[index] ?? 0) < (block.shapes[index]?.size ?? 0))
      reportMissing(input, record, number, mistakes);
}

function reportMissing(
  { name, features, nullable, dtype }: InputLayout,
  record: Readonly<Record<string, unknown>>,
  number: number,
  mistakes: Mistakes,
): void {
  const missing = features?.filter((feature) => !Object.hasOwn(record, feature)) ?? [name];
  const or = nullable && dtype !== 'int64' ? ', or null where it is not known' : '';
  for (const feature of missing) mistakes.add(number, feature, `it is missing; send it${or}`);
}

/** One input's values, flat or nested as its dimensions say. */
function writeNested(
  block: Block,
  input: number,
  row: number,
  number: number,
  value: unknown,
  mistakes: Mistakes,
): void {
  const shape = block.shapes[input];
  if (!shape) return;
  const flat = Array.isArray(value) ? (value.flat(8) as unknown[]) : [value];
  if (flat.length !== shape.size) {
    const { name, features } = block.layout.inputs[input] ?? {};
    const column = features?.length === 1 ? (features[0] ?? null) : (name ?? null);
    mistakes.add(number, column, `it has ${counted(flat.length)}; ${needed(shape.size)}`);
    return;
  }
  for (const [at, each] of flat.entries()) write(block, input, row, at, each, number, mistakes);
}

function write(
  { writers, shapes, layout }: Block,
  input: number,
  row: number,
  at: number,
  value: unknown,
  number: number,
  mistakes: Mistakes,
): void {
  const wrong = writers[input]?.put(row * (shapes[input]?.size ?? 0) + at, value);
  if (wrong === undefined) return;
  mistakes.add(number, layout.inputs[input]?.features?.[at] ?? at, `the value ${wrong}`);
}

const counted = (count: number) => (count === 1 ? 'one value' : `${count} values`);
const needed = (count: number) => (count === 1 ? 'one is needed' : `${count} are needed`);
