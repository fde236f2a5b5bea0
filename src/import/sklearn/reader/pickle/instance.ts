import { PyGlobal, PyObject, PyTuple } from '../../records.ts';
import type { PyDict, PyValue } from '../../records.ts';
import { globalUse } from '../globals/known-globals.ts';
import { forbiddenCall } from './errors.ts';
import type { Machine } from './machine.ts';

/** Where Python would make an instance. A name that is not on the list gives a record too: the file is refused later. */
export function instance(
  cls: PyGlobal,
  args: readonly PyValue[],
  machine: Machine,
  kwargs?: PyDict,
): PyValue {
  if (globalUse(cls.module, cls.name) === 'value')
    throw forbiddenCall(`${cls.qualifiedName} is called, and is only known as a value`);
  machine.budget.addContainer();
  if (!isCythonFactory(cls.name)) return new PyObject(cls, args, kwargs);
  const [made, ...rest] = args;
  if (!(made instanceof PyGlobal))
    throw forbiddenCall(`${cls.qualifiedName} is called without a class`);
  const object = new PyObject(made, rest);
  // `__pyx_unpickle_X(class, checksum, state)`: the state may come here or by BUILD.
  const state = rest[1];
  if (state instanceof PyTuple) object.state = state;
  return object;
}

/** Functions that Cython makes for its classes: they take the class first. */
function isCythonFactory(name: string): boolean {
  return name === 'newObj' || name.startsWith('__pyx_unpickle_');
}
