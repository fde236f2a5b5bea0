import { PyGlobal, PyTuple } from '../../records.ts';
import type { PyValue } from '../../records.ts';
import { globalKey } from '../globals/known-globals.ts';
import { calls } from './calls/index.ts';
import { forbiddenCall } from './errors.ts';
import { instance } from './instance.ts';
import type { Machine } from './machine.ts';

/** Where Python would call `callable(*args)`: a value of the closed table, or an inert record. */
export function reduce(callable: PyValue, args: PyValue, machine: Machine): PyValue {
  if (!(callable instanceof PyGlobal)) throw forbiddenCall('something is called that is no name');
  if (!(args instanceof PyTuple))
    throw forbiddenCall(`${callable.qualifiedName} is called without a tuple of arguments`);
  const call = calls.get(globalKey(callable.module, callable.name));
  return call ? call(args.items, machine) : instance(callable, args.items, machine);
}
