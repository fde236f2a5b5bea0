/**
 * What a UUIDv7 (RFC 9562 §5.7) says besides being unique: 48 bits of Unix milliseconds, then random
 * bits. As text and as PostgreSQL's uuid it sorts by time.
 */

/** When the id was made. */
export function timeOfUuid(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/** The least UUID of that millisecond: ids made at or after `time` are not below it. */
export function uuidFloor(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** One more than the greatest lot: a fair one is the last 16 random bits. */
export const LOTS = 65_536;
