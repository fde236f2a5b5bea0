/** What reading one file may cost. Each is checked before the memory or time is spent. */
export interface ReadLimits {
  /** Bytes of the file as uploaded. */
  readonly inputBytes: number;
  /** Bytes after decompression, and of all members of an archive together. */
  readonly inflatedBytes: number;
  /** Inflated bytes per compressed byte, once `ratioFloorBytes` are exceeded. Fitted models stay below 10. */
  readonly ratio: number;
  /** Inflated bytes that any file may have, whatever the ratio: zeros compress well. */
  readonly ratioFloorBytes: number;
  readonly archiveMembers: number;
  /** Opcodes of the pickle and of those nested in it. A forest of 1,000 trees has 200,000. */
  readonly opcodes: number;
  readonly memoEntries: number;
  /** Values on the pickle machine's stack, and open marks. */
  readonly stack: number;
  /** How deep lists, tuples, dicts and objects may hold each other. Fitted models stay below 10. */
  readonly depth: number;
  /** Values when shared parts are written out each time they occur. */
  readonly paths: number;
  /** Lists, tuples, dicts, sets and objects. A forest of 10,000 trees has 200,000. */
  readonly containers: number;
  /** Items of all lists, tuples, dicts, sets and object arrays together. */
  readonly items: number;
  /** Bytes of one str. */
  readonly textBytes: number;
  /** Bytes of one int. */
  readonly integerBytes: number;
  /** Bytes of all arrays together. */
  readonly arrayBytes: number;
  /** Pickles inside of the pickle, one for each object array of a joblib file. */
  readonly nestedPickles: number;
  /** Wall time, looked at every few thousand opcodes or 64 KiB of output. */
  readonly milliseconds: number;
}

export const defaultReadLimits: ReadLimits = {
  inputBytes: 512 * 2 ** 20,
  inflatedBytes: 512 * 2 ** 20,
  ratio: 100,
  ratioFloorBytes: 16 * 2 ** 20,
  archiveMembers: 100_000,
  opcodes: 20_000_000,
  memoEntries: 4_000_000,
  stack: 1_000_000,
  depth: 256,
  paths: 40_000_000,
  containers: 1_500_000,
  items: 6_000_000,
  textBytes: 32 * 2 ** 20,
  integerBytes: 256,
  arrayBytes: 512 * 2 ** 20,
  nestedPickles: 100_000,
  milliseconds: 60_000,
};

/** The given limits, with the defaults for the rest. */
export function readLimits(given: Partial<ReadLimits> = {}): ReadLimits {
  return { ...defaultReadLimits, ...given };
}
