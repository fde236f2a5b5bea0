import { SklearnImportError } from '../../errors.ts';
import type { PyValue } from '../../records.ts';
import type { Deadline } from '../deadline.ts';
import { refusal } from '../globals/allowed.ts';
import type { NamedGlobal } from '../globals/allowed.ts';
import type { ReadLimits } from '../limits.ts';
import { measure } from '../measure.ts';
import { Budget } from '../pickle/budget.ts';
import { utf8 } from '../pickle/python-text.ts';
import { parseJson } from './json.ts';
import { NodeReader } from './node-reader.ts';
import { ZipArchive } from './zip-archive.ts';

const schemaName = 'schema.json';

export interface SkopsScan {
  readonly root?: PyValue;
  readonly problem?: SklearnImportError;
  readonly globals: readonly NamedGlobal[];
  readonly inflatedBytes: number;
  readonly arrays: number;
  readonly arrayBytes: number;
}

/** A zip archive, also an empty one. */
export function isZip(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x50 &&
    bytes[1] === 0x4b &&
    ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))
  );
}

/**
 * Reads a `.skops` archive into the same records as a pickle.
 * @throws ARCHIVE_*; later problems come back with what was found until then
 */
export function readSkops(bytes: Uint8Array, limits: ReadLimits, deadline: Deadline): SkopsScan {
  const archive = new ZipArchive(bytes, limits);
  if (!archive.has(schemaName)) throw notSkops(archive.names);
  const budget = new Budget(limits, deadline);
  const reader = new NodeReader(archive, budget, limits);
  let found: { root: PyValue } | { problem: SklearnImportError };
  try {
    const root = reader.read(parseJson(utf8(archive.read(schemaName), 0), budget));
    measure(root, limits, deadline);
    found = { root };
  } catch (error) {
    if (!(error instanceof SklearnImportError)) throw error;
    found = { problem: error };
  }
  const globals = Array.from(reader.globals.values(), ({ named }) => named);
  const forbidden = refusal(globals, 'problem' in found ? found.problem : undefined);
  const { arrays, arrayBytes } = budget;
  return {
    ...(forbidden ? { problem: forbidden } : found),
    globals,
    inflatedBytes: archive.inflatedBytes,
    arrays,
    arrayBytes,
  };
}

function notSkops(names: readonly string[]): SklearnImportError {
  const hint = names.some((name) => name.endsWith('.pkl'))
    ? '; a zip of pickles is to be unpacked first'
    : '';
  return new SklearnImportError(
    'ARCHIVE_CORRUPT',
    `the archive has no ${schemaName}, so it is no skops file${hint}`,
  );
}
