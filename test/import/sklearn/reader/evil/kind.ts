import type { SklearnImportCode } from '../../../../../src/import/sklearn/errors.ts';

/** One kind of hostile or broken file, made when it is needed: nothing dangerous or big is kept in the project. */
export interface EvilKind {
  readonly name: string;
  readonly make: () => Uint8Array;
  /** The code it is refused with, or `inert`: it decodes to data that nothing was run for. */
  readonly outcome: SklearnImportCode | 'inert';
  /** Read in a process of its own with little memory, and timed. */
  readonly bomb?: true;
}
