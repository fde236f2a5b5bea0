import { SklearnImportError } from '../errors.ts';
import type { PyValue } from '../records.ts';
import type { Deadline } from './deadline.ts';
import { refusal } from './globals/allowed.ts';
import type { NamedGlobal } from './globals/allowed.ts';
import type { ReadLimits } from './limits.ts';
import { measure } from './measure.ts';
import { Budget } from './pickle/budget.ts';
import { Cursor } from './pickle/cursor.ts';
import type { Session } from './pickle/machine.ts';
import { opcodeNames } from './pickle/opcodes.ts';
import { unpickle } from './pickle/unpickle.ts';

/** What was found in a pickle, also when it is refused. */
export interface PickleScan {
  readonly root?: PyValue;
  readonly problem?: SklearnImportError;
  readonly protocol: number;
  readonly globals: readonly NamedGlobal[];
  /** How often each opcode occurs, by its name; nested pickles included. */
  readonly opcodes: Readonly<Record<string, number>>;
  readonly arrays: number;
  readonly arrayBytes: number;
}

/** Reads a pickle, or joblib's kind of it, that is not compressed. Never throws a SklearnImportError. */
export function scanPickle(bytes: Uint8Array, limits: ReadLimits, deadline: Deadline): PickleScan {
  const session: Session = {
    cursor: new Cursor(bytes),
    budget: new Budget(limits, deadline),
    globals: new Map(),
    histogram: new Uint32Array(256),
    protocol: 0,
  };
  const { root, problem } = attempt(session, limits, deadline);
  const globals = Array.from(session.globals.values(), ({ named }) => named);
  const refused = refusal(globals, problem) ?? problem;
  const { arrays, arrayBytes } = session.budget;
  const found = {
    protocol: session.protocol,
    globals,
    opcodes: named(session.histogram),
    arrays,
    arrayBytes,
  };
  return {
    ...found,
    ...(root === undefined ? {} : { root }),
    ...(refused === undefined ? {} : { problem: refused }),
  };
}

function attempt(
  session: Session,
  limits: ReadLimits,
  deadline: Deadline,
): { root?: PyValue; problem?: SklearnImportError } {
  let root: PyValue | undefined;
  try {
    const value = unpickle(session);
    const { left, at } = session.cursor;
    if (left > 0)
      throw new SklearnImportError(
        'PICKLE_TRAILING_BYTES',
        `${left} bytes follow the end of the pickle at byte ${at}`,
        { offset: at, bytes: left },
      );
    measure(value, limits, deadline);
    root = value;
    return { root };
  } catch (error) {
    if (error instanceof SklearnImportError) return { problem: error };
    throw error;
  }
}

function named(histogram: Uint32Array): Record<string, number> {
  const met = Array.from(
    histogram,
    (count, opcode) => [opcodeNames[opcode] ?? `0x${opcode.toString(16)}`, count] as const,
  );
  return Object.fromEntries(met.filter(([, count]) => count > 0));
}
