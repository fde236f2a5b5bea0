import type { Value } from '../emit/value.ts';
import { input, intOf, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';
import { packed, unpacked } from './join.ts';
import { shapeError } from '../graph/shape.ts';

/*
 * TensorLists live only while the importer writes out a loop: they are lists of values here and leave
 * no trace in ONNX.
 */

/** TensorListReserve: element shape, number of elements. */
export function tensorListReserve(call: OpCall): Value {
  const length = intOf(call, 1);
  if (length < 0 || length > 4096) throw shapeError(call.name, `a list of ${length} tensors`);
  return listValue(
    call,
    Array.from({ length }, () => undefined),
  );
}

/** TensorListFromTensor: a tensor, cut along its first axis. */
export function tensorListFromTensor(call: OpCall): Value {
  return listValue(call, unpacked(call, input(call, 0), 0));
}

/** TensorListGetItem: list, index. */
export function tensorListGetItem(call: OpCall): Value {
  const item = listOf(call)[intOf(call, 1)];
  if (item) return item;
  throw unsupported(call, 'the item was never set');
}

/** TensorListSetItem: list, index, item. The list of before stays as it was. */
export function tensorListSetItem(call: OpCall): Value {
  const list = listOf(call);
  const index = intOf(call, 1);
  if (index < 0 || index >= list.length)
    throw shapeError(call.name, `index ${index} of ${list.length} items`);
  return listValue(call, list.with(index, input(call, 2)));
}

/** TensorListStack: the items along a new first axis. */
export function tensorListStack(call: OpCall): Value {
  const items = listOf(call).filter((item) => item !== undefined);
  if (items.length === 0 || items.length !== listOf(call).length)
    throw unsupported(call, 'an item was never set');
  return packed(call, items, 0);
}

function listOf(call: OpCall): readonly (Value | undefined)[] {
  const list = call.inputs[0]?.list;
  if (list) return list;
  throw unsupported(call, 'its input is not a list that is known at import');
}

function listValue(call: OpCall, list: readonly (Value | undefined)[]): Value {
  if (list.length > 4096) throw shapeError(call.name, `a list of ${list.length} tensors`);
  return { dtype: 'float32', shape: [], names: {}, list };
}
