import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<T> {
  readonly title: string;
  /** The title is only spoken: the cells speak for themselves. */
  readonly quiet?: boolean;
  readonly cell: (row: T) => ReactNode;
  /** Figures stand right, one under another. */
  readonly number?: boolean;
}

interface TableProps<T> {
  /** What the rows are, for who does not see the page around. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

/** Rows under column names. Wide ones scroll by themselves, so the page never does. */
export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must get in.
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(({ title, quiet = false, number = false }, i) => (
              <th key={`${i} ${title}`} scope="col" data-number={number}>
                <span className={quiet ? 'visually-hidden' : undefined}>{title}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, cell, number = false }, i) => (
                <td key={`${i} ${title}`} data-number={number}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
