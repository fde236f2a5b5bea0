import { PyDict, PyGlobal, PyObject } from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { forbiddenCall } from '../errors.ts';
import { instance } from '../instance.ts';
import type { Machine } from '../machine.ts';
import { setAttributes } from '../build.ts';
import type { Call } from './call.ts';

/** Functions by which classes of Python, numpy and pandas come back: each gives an inert record of the class. */
export const rebuildCalls: readonly (readonly [string, string, Call])[] = [
  ['copyreg', '_reconstructor', reconstructor],
  ['numpy.ma.core', '_mareconstruct', named('numpy.ma.core', 'MaskedArray')],
  ['numpy.random', '__RandomState_ctor', named('numpy.random', 'RandomState')],
  ['numpy.random._pickle', '__randomstate_ctor', named('numpy.random', 'RandomState')],
  ['numpy.random._pickle', '__generator_ctor', named('numpy.random', 'Generator')],
  ['numpy.random._pickle', '__bit_generator_ctor', named('numpy.random', 'BitGenerator')],
  ['pandas.core.indexes.base', '_new_Index', index],
];

function named(module: string, name: string): Call {
  return (args, machine) => {
    machine.budget.addContainer();
    return new PyObject(new PyGlobal(module, name), args);
  };
}

/** `copyreg._reconstructor(class, base, state)`: how protocols 0 and 1 make instances. */
function reconstructor([cls, base, state]: readonly PyValue[], machine: Machine): PyValue {
  if (!(cls instanceof PyGlobal) || !(base instanceof PyGlobal))
    throw forbiddenCall('_reconstructor without a class');
  const object = instance(cls, [], machine);
  if (!(object instanceof PyObject)) return object;
  if (state instanceof PyDict) {
    machine.budget.addItems(state.size);
    for (const [key, value] of state.entries()) object.setItem(key, value);
  } else if (state !== null && state !== undefined) object.state = state;
  return object;
}

/** pandas: `_new_Index(class, {'data': …, 'name': …})`. */
function index([cls, data]: readonly PyValue[], machine: Machine): PyValue {
  if (!(cls instanceof PyGlobal) || !(data instanceof PyDict))
    throw forbiddenCall('_new_Index without a class');
  const object = instance(cls, [], machine);
  if (object instanceof PyObject) setAttributes(object, data, machine);
  return object;
}
