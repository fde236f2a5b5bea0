import { dashes, seriesTokens } from './colours.ts';
import styles from './charts.module.css';

interface LegendProps {
  readonly names: readonly string[];
  readonly values: readonly (number | null)[];
  /** The time that the values are of, in seconds; the latest when left out. */
  readonly at: number | undefined;
  readonly format: (value: number) => string;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Which line is which, and what each says at one time. */
export function Legend({ names, values, at, format }: LegendProps) {
  return (
    <figcaption className={styles.legend}>
      <span className={styles.at}>{at === undefined ? 'latest' : clock.format(at * 1000)}</span>
      {names.map((name, i) => (
        <span key={name} className={styles.entry}>
          <Stroke index={i} />
          {name} <strong>{valueText(values[i] ?? null, format)}</strong>
        </span>
      ))}
    </figcaption>
  );
}

export function valueText(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

function Stroke({ index }: { readonly index: number }) {
  return (
    <svg width={22} height={8} aria-hidden>
      <line
        x1={0}
        x2={22}
        y1={4}
        y2={4}
        stroke={`var(${seriesTokens[index % seriesTokens.length] ?? '--text'})`}
        strokeWidth={2.5}
        strokeDasharray={dashes[index % dashes.length]?.join(' ')}
      />
    </svg>
  );
}
