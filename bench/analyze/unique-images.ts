import { readFileSync } from 'node:fs';

const rocket = readFileSync(new URL('../../photos/rocket.jpg', import.meta.url));

/**
 * The same photo as ever another file: a JPEG comment with a counter behind the start marker. Without
 * it, caches and single-flight would answer.
 */
export function uniqueImage(serial: number): Buffer<ArrayBuffer> {
  const comment = Buffer.alloc(4 + 12);
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(2 + 12, 2);
  comment.write(String(serial).padStart(12, '0'), 4, 'latin1');
  return Buffer.concat([rocket.subarray(0, 2), comment, rocket.subarray(2)]);
}
