import type { ReactNode } from 'react';
import styles from './states.module.css';

/** Nothing is here yet: says what would be, and how it comes. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
