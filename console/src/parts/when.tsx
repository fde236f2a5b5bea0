const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: readonly (readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** A moment as one says it; the exact one as its tip. */
export function When({ at }: { readonly at: string | null | undefined }) {
  if (at === null || at === undefined) return <span className="muted">never</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {spoken(date)}
    </time>
  );
}

function spoken(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 14 * 86_400) return date.toLocaleDateString();
  const [length, unit] = steps.find(([least]) => Math.abs(seconds) >= least) ?? [1, 'second'];
  return relative.format(Math.round(seconds / length), unit);
}
