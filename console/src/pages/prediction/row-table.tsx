import type { LoggedPrediction } from '../../api/types.ts';
import { percent } from '../../parts/quantities.ts';
import { Table, type Column } from '../../parts/table.tsx';

interface Row {
  readonly place: number;
  readonly inputs: readonly unknown[];
  readonly output: unknown;
  readonly confidence: number | null;
}

/** The rows that the log keeps: what the model said, how sure it was, and to what. */
export function RowTable({ prediction }: { readonly prediction: LoggedPrediction }) {
  const rows = rowsOf(prediction);
  if (rows.length === 0)
    return <p className="muted">The request was refused before its rows were read.</p>;
  return (
    <Table
      label="rows"
      rows={rows}
      keyOf={({ place }) => String(place)}
      columns={columnsOf(prediction, rows)}
    />
  );
}

function rowsOf({ inputs, outputs, confidence }: LoggedPrediction): Row[] {
  return inputs.map((values, i) => ({
    place: i + 1,
    inputs: values,
    output: outputs[i],
    confidence: confidence?.[i] ?? null,
  }));
}

function columnsOf(
  { features, ok, confidence }: LoggedPrediction,
  rows: readonly Row[],
): readonly Column<Row>[] {
  const width = Math.max(...rows.map(({ inputs }) => inputs.length));
  const names = Array.from({ length: width }, (_, i) => features[i] ?? `value ${i + 1}`);
  const answers: readonly Column<Row>[] = [
    { title: 'Prediction', cell: ({ output }) => <strong>{shown(output)}</strong> },
    ...(confidence
      ? [
          {
            title: 'Confidence',
            cell: ({ confidence: share }: Row) => (share === null ? '' : percent(share)),
            number: true,
          },
        ]
      : []),
  ];
  return [
    { title: 'Row', cell: ({ place }) => place, number: true },
    ...(ok ? answers : []),
    ...names.map((title, i) => ({ title, cell: ({ inputs }: Row) => shown(inputs[i]) })),
  ];
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
