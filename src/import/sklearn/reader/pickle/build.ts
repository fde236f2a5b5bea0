import { NdArray, PyDict, PyDtype, PyObject, PyTuple } from '../../records.ts';
import type { PyValue } from '../../records.ts';
import { fillArray } from './fill-array.ts';
import { fillDtype } from './fill-dtype.ts';
import { corruptPickle, forbiddenCall } from './errors.ts';
import type { Machine } from './machine.ts';

/** The BUILD opcode: hands a state to an object. No `__setstate__` of any class is run. */
export function build(object: PyValue, state: PyValue, machine: Machine): void {
  if (object instanceof PyObject) setState(object, state, machine);
  else if (object instanceof NdArray) fillArray(object, state, machine);
  else if (object instanceof PyDtype) fillDtype(object, state);
  else throw forbiddenCall('BUILD on a value that has no state');
}

/** A dict becomes attributes, and so does a pair of dicts (`__dict__`, slots); anything else is kept as it is. */
function setState(object: PyObject, state: PyValue, machine: Machine): void {
  if (state instanceof PyDict) return setAttributes(object, state, machine);
  if (
    state instanceof PyTuple &&
    state.items.length === 2 &&
    state.items.some((part) => part instanceof PyDict)
  ) {
    if (state.items.every((part) => part === null || part instanceof PyDict)) {
      for (const part of state.items)
        if (part instanceof PyDict) setAttributes(object, part, machine);
      return;
    }
  }
  object.state = state;
}

export function setAttributes(object: PyObject, state: PyDict, machine: Machine): void {
  machine.budget.addItems(state.size);
  for (const [name, value] of state.entries()) {
    if (typeof name !== 'string')
      throw corruptPickle(`an attribute of ${object.name} has a name that is no str`);
    object.attributes.set(name, value);
  }
}
