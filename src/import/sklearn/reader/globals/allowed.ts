import { SklearnImportError } from '../../errors.ts';
import type { PyGlobal } from '../../records.ts';
import { calls } from '../pickle/calls/index.ts';
import { globalKey, globalUse } from './known-globals.ts';

/** A global that a file names. */
export interface NamedGlobal {
  /** As the file writes it. */
  readonly module: string;
  readonly name: string;
  readonly allowed: boolean;
  /** Of the opcode, from the start of the inflated bytes; skops has none. */
  readonly offset?: number;
}

export function isAllowed({ module, name }: PyGlobal): boolean {
  return calls.has(globalKey(module, name)) || globalUse(module, name) !== undefined;
}

/** Forbidden globals named in a message; up to `maxListed` are in the details. */
const maxNamed = 20;
const maxListed = 1000;
const maxNameLength = 200;

/** All forbidden globals in one refusal, which outweighs any other problem; undefined when there are none. */
export function refusal(
  globals: readonly NamedGlobal[],
  also: SklearnImportError | undefined,
): SklearnImportError | undefined {
  const forbidden = globals
    .filter((global) => !global.allowed)
    .map(({ module, name, offset }) => ({
      module: module.slice(0, maxNameLength),
      name: name.slice(0, maxNameLength),
      ...(offset === undefined ? {} : { offset }),
    }));
  if (forbidden.length === 0) return undefined;
  const list = forbidden
    .slice(0, maxNamed)
    .map(
      ({ module, name, offset }) =>
        `${JSON.stringify(`${module}.${name}`)}${offset === undefined ? '' : ` at byte ${offset}`}`,
    );
  const more = forbidden.length > maxNamed ? ` and ${forbidden.length - maxNamed} more` : '';
  return new SklearnImportError(
    'PICKLE_FORBIDDEN_GLOBAL',
    `the file names what no scikit-learn model that can be served needs: ${list.join(', ')}${more}`,
    {
      globals: forbidden.slice(0, maxListed),
      count: forbidden.length,
      ...(also ? { also: also.message } : {}),
    },
  );
}
