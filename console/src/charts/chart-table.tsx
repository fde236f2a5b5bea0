import { useState } from 'react';
import { Table } from '../parts/table.tsx';
import { valueText } from './legend.tsx';
import type { Line } from './line-chart.tsx';
import styles from './charts.module.css';

interface ChartTableProps {
  readonly label: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The same figures to read, newest first. Rows are made only while it is open. */
export function ChartTable({ label, times, lines, format }: ChartTableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className={styles.table} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        As a table<span className="visually-hidden">: {label}</span>
      </summary>
      {open && (
        <div className={styles.rows}>
          <Table
            label={`${label}, as a table`}
            rows={times.map((time, i) => ({ time, i })).toReversed()}
            keyOf={({ time }) => String(time)}
            columns={[
              { title: 'Time', cell: ({ time }) => moment.format(time * 1000) },
              ...lines.map(({ name, values }) => ({
                title: name,
                number: true,
                cell: ({ i }: { readonly i: number }) => valueText(values[i] ?? null, format),
              })),
            ]}
          />
        </div>
      )}
    </details>
  );
}
