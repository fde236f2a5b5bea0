import { SklearnImportError } from '../../../errors.ts';
import { PyDict, PyGlobal, PyTuple } from '../../../records.ts';
import { build } from '../build.ts';
import { forbiddenCall } from '../errors.ts';
import { instance } from '../instance.ts';
import { reduce } from '../reduce.ts';
import type { Machine } from '../machine.ts';
import { utf8 } from '../python-text.ts';
import type { Handlers } from './handler.ts';

/** Names and objects. */
export const objects: Handlers = {
  0x63: (m, offset) => {
    const module = utf8(m.cursor.line(), offset);
    named(m, module, utf8(m.cursor.line(), offset), offset);
  },
  0x93: (m, offset) => {
    const name = m.pop();
    const module = m.pop();
    if (typeof name !== 'string' || typeof module !== 'string')
      throw m.corrupt('a global whose name is no str');
    named(m, module, name, offset);
  },
  0x52: (m) => {
    const args = m.pop();
    m.push(reduce(m.pop(), args, m));
  },
  0x81: (m) => {
    const args = m.pop();
    m.push(reduce(m.pop(), args, m));
  },
  0x92: (m) => {
    const kwargs = m.pop();
    const args = m.pop();
    const cls = m.pop();
    if (!(cls instanceof PyGlobal) || !(args instanceof PyTuple) || !(kwargs instanceof PyDict))
      throw forbiddenCall('NEWOBJ_EX without class, arguments and names');
    m.push(instance(cls, args.items, m, kwargs));
  },
  0x62: (m) => {
    const state = m.pop();
    build(m.top(), state, m);
  },
};

/** joblib below 0.10 kept its arrays in files of their own. */
const sideFiles = new Set(['NDArrayWrapper', 'ZNDArrayWrapper']);

function named(machine: Machine, module: string, name: string, offset: number): void {
  if (sideFiles.has(name) && module.endsWith('joblib.numpy_pickle'))
    throw new SklearnImportError(
      'JOBLIB_SIDE_FILES',
      `${module}.${name} at byte ${offset}: the arrays are in other files; load it and save it again with joblib 0.10 or newer`,
      { offset },
    );
  machine.push(machine.global(module, name, offset));
}
