import { FoveaError } from '../errors.ts';

const firstCapacity = 64 * 1024;

/**
 * All bytes of `body`, or IMAGE_TOO_LARGE as soon as one is over `maxBytes`; the iteration, and with
 * it the connection, ends there. Chunks are copied into one growing buffer: a list of the
 * one-byte chunks that a hostile server sends would weigh a hundred times the limit.
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  let buffer = Buffer.alloc(Math.min(firstCapacity, maxBytes));
  let length = 0;
  for await (const chunk of body) {
    const needed = length + chunk.length;
    if (needed > maxBytes) throw tooLarge(maxBytes);
    if (needed > buffer.length) buffer = grown(buffer, length, needed, maxBytes);
    buffer.set(chunk, length);
    length = needed;
  }
  return buffer.subarray(0, length);
}

/** `declared`: what the server announced, if it did. */
export function tooLarge(maxBytes: number, declared?: number): FoveaError {
  const size = declared === undefined ? 'over' : `${declared} bytes, over`;
  return new FoveaError(
    'IMAGE_TOO_LARGE',
    `The image at the URL is ${size} the limit of ${maxBytes} bytes.`,
    {
      max_bytes: maxBytes,
      ...(declared === undefined ? {} : { size_bytes: declared }),
    },
  );
}

function grown(buffer: Buffer, length: number, needed: number, maxBytes: number) {
  const larger = Buffer.alloc(Math.min(maxBytes, Math.max(needed, buffer.length * 2)));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
