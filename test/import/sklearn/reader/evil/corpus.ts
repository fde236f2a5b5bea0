import { evilArchives } from './archives.ts';
import { evilArrays } from './arrays.ts';
import { evilBombs } from './bombs.ts';
import { evilCalls } from './calls.ts';
import type { EvilKind } from './kind.ts';
import { evilStructure } from './structure.ts';

/** Every kind of hostile or broken file. `canary` is a path that must not exist afterwards. */
export function evilCorpus(canary: string): EvilKind[] {
  return [...evilCalls(canary), ...evilStructure, ...evilArrays, ...evilBombs, ...evilArchives];
}
