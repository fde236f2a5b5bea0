import { useSyncExternalStore } from 'react';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** Often enough that what is shown is true, seldom enough that it does not fidget. */
const tickMs = 5_000;

/** A moment as one says it, and goes on saying as it passes; the exact one as its tip. */
export function When({ at }: { readonly at: string | null | undefined }) {
  useSyncExternalStore(onTick, () => Math.floor(Date.now() / tickMs));
  if (at === null || at === undefined) return <span className="muted">never</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {spoken(date)}
    </time>
  );
}

function onTick(listener: () => void): () => void {
  const timer = setInterval(listener, tickMs);
  return () => clearInterval(timer);
}

function spoken(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 14 * 86_400) return date.toLocaleDateString();
  const [length, unit] = steps.find(([least]) => Math.abs(seconds) >= least) ?? [1, 'second'];
  return relative.format(Math.round(seconds / length), unit);
}
