import type { ReactNode } from 'react';
import styles from './states.module.css';

/** Nothing is here yet: says what would be, and how it comes. */
export function Empty({
  title,
  whole = false,
  children,
}: {
  readonly title: string;
  /** It is all that the page has, and its heading. */
  readonly whole?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}
