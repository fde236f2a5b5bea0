import type { SklearnImportCode } from '../../errors.ts';
import type { Compression } from '../compression/decompress.ts';
import type { NamedGlobal } from '../globals/allowed.ts';
import type { ReadLimits } from '../limits.ts';
import type { ModelFormat } from '../read-model-file.ts';
import { scanModelFile } from '../read-model-file.ts';
import { modelTree } from './model-tree.ts';
import type { ModelTree } from './model-tree.ts';

/** Distinct globals that are listed; fitted models name less than 100. */
const maxGlobals = 1000;
const maxNameLength = 200;

/** What a file is and holds, found without running any of it. JSON-safe, and never longer than some MB. */
export interface Inspection {
  readonly format: ModelFormat | undefined;
  readonly compression: Compression | undefined;
  readonly protocol: number;
  readonly bytes: number;
  readonly inflatedBytes: number;
  readonly arrays: number;
  readonly arrayBytes: number;
  /** How often each opcode occurs. */
  readonly opcodes: Readonly<Record<string, number>>;
  /** The first of what it names, forbidden ones before others. */
  readonly globals: readonly NamedGlobal[];
  readonly globalCount: number;
  readonly sklearnVersions: readonly string[];
  /** Which numpy wrote the file, as far as its names tell. */
  readonly numpy: '1' | '2 or newer' | undefined;
  /** Missing when the file cannot be read to its end. */
  readonly tree: ModelTree | undefined;
  readonly verdict: 'safe' | 'refused';
  readonly reasons: readonly { readonly code: SklearnImportCode; readonly message: string }[];
}

/** Looks at a file of any format that `readModelFile` reads. A refused file gives its reasons, not an error. */
export function inspectModelFile(bytes: Uint8Array, limits?: Partial<ReadLimits>): Inspection {
  const scan = scanModelFile(bytes, limits);
  const { problem, root } = scan;
  return {
    format: scan.format,
    compression: scan.compression,
    protocol: scan.protocol,
    bytes: bytes.length,
    inflatedBytes: scan.inflatedBytes,
    arrays: scan.arrays,
    arrayBytes: scan.arrayBytes,
    opcodes: scan.opcodes,
    globals: listed(scan.globals),
    globalCount: scan.globals.length,
    sklearnVersions: scan.sklearnVersions.slice(0, 20),
    numpy: numpyOf(scan.globals),
    tree: root === undefined ? undefined : modelTree(root),
    verdict: problem ? 'refused' : 'safe',
    reasons: problem ? [{ code: problem.code, message: problem.message }] : [],
  };
}

function listed(globals: readonly NamedGlobal[]): NamedGlobal[] {
  return globals
    .toSorted((a, b) => Number(a.allowed) - Number(b.allowed))
    .slice(0, maxGlobals)
    .map((global) => ({
      ...global,
      module: global.module.slice(0, maxNameLength),
      name: global.name.slice(0, maxNameLength),
    }));
}

/** numpy 2 renamed `numpy.core` to `numpy._core`. */
function numpyOf(globals: readonly NamedGlobal[]): Inspection['numpy'] {
  if (globals.some(({ module }) => module.startsWith('numpy._core'))) return '2 or newer';
  return globals.some(({ module }) => module.startsWith('numpy.core')) ? '1' : undefined;
}
