import { Table } from '../parts/table.tsx';
import { count } from '../parts/quantities.ts';
import styles from './charts.module.css';

interface ChartColumn {
  readonly label: string;
  readonly count: number;
}

interface ColumnChartProps {
  readonly label: string;
  readonly columns: readonly ChartColumn[];
  /** Labels under the first and the last column. */
  readonly ends: readonly [first: string, last: string];
}

/** How often each range of values came, side by side; the figures in a table below. */
export function ColumnChart({ label, columns, ends }: ColumnChartProps) {
  const most = Math.max(...columns.map((column) => column.count), 1);
  return (
    <figure className={styles.figure}>
      <div className={styles.columns} role="img" aria-label={label}>
        {columns.map((column) => (
          <span
            key={column.label}
            title={`${column.label}: ${count(column.count)}`}
            style={{ height: `${(column.count / most) * 100}%` }}
          />
        ))}
      </div>
      <div className={styles.ends} aria-hidden>
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </div>
      <details className={styles.table}>
        <summary>
          As a table<span className="visually-hidden">: {label}</span>
        </summary>
        <div className={styles.rows}>
          <Table
            label={`${label}, as a table`}
            rows={columns}
            keyOf={(column) => column.label}
            columns={[
              { title: 'From – to', cell: (column) => column.label },
              { title: 'Count', number: true, cell: (column) => count(column.count) },
            ]}
          />
        </div>
      </details>
    </figure>
  );
}
