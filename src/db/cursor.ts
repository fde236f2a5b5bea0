import { z } from 'zod';
import { FoveaError } from '../errors.ts';

/** A place in a list that is ordered newest first: the last row that was seen. */
const place = z.tuple([z.int(), z.uuid()]);

export interface Place {
  readonly createdAt: Date;
  readonly id: string;
}

/** An opaque text for a client to hand back. */
export function encodeCursor({ createdAt, id }: Place): string {
  return Buffer.from(JSON.stringify([createdAt.getTime(), id])).toString('base64url');
}

/** Throws `REQUEST_INVALID` when `cursor` is none that `encodeCursor` made. */
export function decodeCursor(cursor: string): Place {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const [time, id] = place.parse(JSON.parse(text));
    return { createdAt: new Date(time), id };
  } catch (error) {
    const message = 'The cursor is not one that this server gave out; leave it out to start over.';
    throw new FoveaError('REQUEST_INVALID', message, { field: 'cursor' }, error);
  }
}
