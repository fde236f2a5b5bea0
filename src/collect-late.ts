import { setFlagsFromString } from 'node:v8';

/** Percent of the heap that the last collection allowed to come: from here on beside the work, and from there at once. */
const beginsAt = 80;
const hurriesAt = 95;

/**
 * Lets the heap of this process grow nearly as far as V8 allows before all of it is collected. Bytes of images lie outside of the
 * heap and count for it all the same; V8 begins as soon as what is left is less than its young generation could
 * grow by, which came after every 30 uploads of 110 KB, and took a quarter of the main process's time.
 */
export function collectLate(): void {
  setFlagsFromString(`--incremental-marking-soft-trigger=${beginsAt}`);
  setFlagsFromString(`--incremental-marking-hard-trigger=${hurriesAt}`);
}
