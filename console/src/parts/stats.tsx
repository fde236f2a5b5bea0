import type { ReactNode } from 'react';
import styles from './stats.module.css';

export interface Stat {
  readonly name: string;
  readonly value: ReactNode;
  readonly note?: string;
  readonly tone?: 'good' | 'warn' | 'bad' | undefined;
}

/** A few figures that say at a glance how things are. */
export function Stats({
  label,
  stats,
}: {
  readonly label: string;
  readonly stats: readonly Stat[];
}) {
  return (
    <dl className={styles.stats} aria-label={label}>
      {stats.map(({ name, value, note, tone }) => (
        <div key={name} className={styles.stat}>
          <dt>{name}</dt>
          <dd className={styles.value} data-tone={tone}>
            {value}
          </dd>
          {note !== undefined && <dd className={styles.note}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
