import { globalKey } from '../../globals/known-globals.ts';
import { builtinCalls } from './builtins.ts';
import type { Call } from './call.ts';
import { numpyCalls } from './numpy.ts';
import { rebuildCalls } from './rebuild.ts';

/** Every name with a meaning of its own when it is "called". The list is closed: nothing is looked up elsewhere. */
export const calls: ReadonlyMap<string, Call> = new Map(
  [...builtinCalls, ...numpyCalls, ...rebuildCalls].map(([module, name, call]) => [
    globalKey(module, name),
    call,
  ]),
);
