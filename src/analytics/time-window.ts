import { FoveaError } from '../errors.ts';
import type { AnalyticsQuery } from '../protocol/analytics.ts';

/** A time in whole buckets, and the grain at which its sums are read. */
export interface TimeWindow {
  readonly from: Date;
  /** Exclusive; the bucket that is still filling counts. */
  readonly to: Date;
  readonly bucketMinutes: number;
  readonly minutes: 5 | 60 | 1440;
}

const MINUTE = 60_000;
const defaultMinutes = 1440;
const maxBuckets = 1_000;

/** By length: six hours in 5 m, two days in 1 h, a fortnight in 6 h, more in 1 d. */
const defaultBuckets = [
  { upTo: 360, bucket: 5 },
  { upTo: 2_880, bucket: 60 },
  { upTo: 20_160, bucket: 360 },
] as const;

/** Widens what was asked for to whole buckets. @throws FoveaError REQUEST_INVALID. */
export function timeWindow(query: AnalyticsQuery, now: Date): TimeWindow {
  if (query.from !== undefined && query.window !== undefined)
    throw invalid('Give `from` or `window`, not both.', 'window');
  const to = query.to === undefined ? now : new Date(query.to);
  const length = (query.window ?? defaultMinutes) * MINUTE;
  const from = query.from === undefined ? new Date(to.getTime() - length) : new Date(query.from);
  if (from >= to)
    throw invalid(`\`from\` (${from.toISOString()}) must be before \`to\` (${to.toISOString()}).`);
  const asked = (to.getTime() - from.getTime()) / MINUTE;
  const bucketMinutes =
    query.bucket ?? defaultBuckets.find(({ upTo }) => asked <= upTo)?.bucket ?? 1440;
  if (asked / bucketMinutes > maxBuckets) throw tooFine(asked, bucketMinutes);
  const minutes = bucketMinutes >= 1440 ? 1440 : bucketMinutes >= 60 ? 60 : 5;
  return { ...wholeBuckets(from, to, bucketMinutes), bucketMinutes, minutes };
}

/** A time in whole hours, for sums that need no buckets. @throws FoveaError REQUEST_INVALID. */
export function baselineWindow(from: string, to: string | undefined): TimeWindow {
  if (to === undefined) throw invalid('`baseline_from` needs `baseline_to`.', 'baseline_to');
  const [start, end] = [new Date(from), new Date(to)];
  if (start >= end) throw invalid('`baseline_from` must be before `baseline_to`.', 'baseline_from');
  return { ...wholeBuckets(start, end, 60), bucketMinutes: 60, minutes: 60 };
}

/** The start of every bucket, oldest first. */
export function bucketsOf({ from, to, bucketMinutes }: TimeWindow): Date[] {
  const span = bucketMinutes * MINUTE;
  const count = Math.round((to.getTime() - from.getTime()) / span);
  return Array.from({ length: count }, (_, index) => new Date(from.getTime() + index * span));
}

function wholeBuckets(from: Date, to: Date, bucketMinutes: number): { from: Date; to: Date } {
  const span = bucketMinutes * MINUTE;
  return {
    from: new Date(Math.floor(from.getTime() / span) * span),
    to: new Date(Math.ceil(to.getTime() / span) * span),
  };
}

function tooFine(asked: number, bucketMinutes: number): FoveaError {
  const message = `${Math.round(asked)} minutes in steps of ${bucketMinutes} are more than ${maxBuckets} steps; ask for a shorter time or a wider \`bucket\`.`;
  return invalid(message, 'bucket');
}

function invalid(message: string, field = 'from'): FoveaError {
  return new FoveaError('REQUEST_INVALID', message, { field });
}
