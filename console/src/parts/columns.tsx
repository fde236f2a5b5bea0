import type { ReactNode } from 'react';
import styles from './columns.module.css';

interface ColumnsProps {
  readonly main: ReactNode;
  /** Narrower; under the main one where the screen is narrow. */
  readonly side: ReactNode;
}

/** A page in two columns, each a stack of panels. */
export function Columns({ main, side }: ColumnsProps) {
  return (
    <div className={styles.columns}>
      <Stack>{main}</Stack>
      <Stack>{side}</Stack>
    </div>
  );
}

/** Panels one under another. */
export function Stack({ children }: { readonly children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}
