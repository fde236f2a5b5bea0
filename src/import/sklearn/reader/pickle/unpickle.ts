import { SklearnImportError } from '../../errors.ts';
import type { PyValue } from '../../records.ts';
import { corruptPickle } from './errors.ts';
import { isArrayWrapper, readWrappedArray } from './joblib-array.ts';
import { Machine } from './machine.ts';
import type { Session } from './machine.ts';
import { opcodeNames } from './opcodes.ts';
import { atoms } from './ops/atoms.ts';
import { containers } from './ops/containers.ts';
import type { Handlers } from './ops/handler.ts';
import { objects } from './ops/objects.ts';
import { stack } from './ops/stack.ts';

const stop = 0x2e;
const build = 0x62;
const handlers: Handlers = { ...atoms, ...containers, ...stack, ...objects };

/**
 * Reads one pickle up to its STOP. Globals that are not on the list become inert records like the others and are noted
 * in the session, so that all of them can be told at once; the caller refuses the file then.
 * @throws SklearnImportError: PICKLE_*, ARRAY_*, JOBLIB_SIDE_FILES, READ_TIMEOUT
 */
export function unpickle(session: Session, nesting = 0): PyValue {
  const { cursor, budget, histogram } = session;
  const machine = new Machine(session, nesting);
  for (;;) {
    const offset = cursor.at;
    const opcode = cursor.u8();
    histogram[opcode] = (histogram[opcode] ?? 0) + 1;
    budget.opcode();
    if (opcode === stop) return machine.result();
    const handler = handlers[opcode];
    if (!handler) throw refused(opcode, offset);
    handler(machine, offset);
    if (opcode === build) takeArray(machine, nesting);
  }
}

function takeArray(machine: Machine, nesting: number): void {
  const wrapper = machine.top();
  if (!isArrayWrapper(wrapper)) return;
  const array = readWrappedArray(wrapper, machine, () => unpickle(machine.session, nesting + 1));
  machine.pop();
  machine.push(array);
  machine.replace(wrapper, array);
}

function refused(opcode: number, offset: number): SklearnImportError {
  const name = opcodeNames[opcode];
  if (name === undefined) return corruptPickle(`0x${opcode.toString(16)} is no opcode`, offset);
  return new SklearnImportError(
    'PICKLE_UNSUPPORTED_OPCODE',
    `the opcode ${name} at byte ${offset} is refused; no scikit-learn model needs it`,
    { opcode: name, offset },
  );
}
