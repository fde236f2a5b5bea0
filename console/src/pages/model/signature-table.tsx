import type { ModelVersion } from '../../api/types.ts';
import { Table } from '../../parts/table.tsx';

type Signature = ModelVersion['signature'];

interface Line {
  readonly way: string;
  readonly name: string;
  readonly type: string;
  readonly note: string;
}

/** Inputs, columns and outputs, each with its type. */
export function SignatureTable({ signature }: { readonly signature: Signature }) {
  return (
    <Table
      label="signature"
      keyOf={({ way, name }) => `${way} ${name}`}
      rows={linesOf(signature)}
      columns={[
        { title: 'Way', cell: ({ way }) => way },
        { title: 'Name', cell: ({ name }) => <code>{name}</code> },
        { title: 'Type', cell: ({ type }) => type },
        { title: 'Note', cell: ({ note }) => note },
      ]}
    />
  );
}

function linesOf({ inputs, outputs, columns, classes }: Signature): Line[] {
  const taken =
    columns && columns.length > 0
      ? columns.map(({ name, type, nullable, values }) => ({
          way: 'in',
          name,
          type,
          note: [nullable ? 'may be missing' : '', values?.slice(0, 8).join(', ') ?? '']
            .filter(Boolean)
            .join('; '),
        }))
      : inputs.map(({ name, dtype, shape, features }) => ({
          way: 'in',
          name,
          type: `${dtype} ${shaped(shape)}`,
          note: features?.slice(0, 8).join(', ') ?? '',
        }));
  const given = outputs.map(({ name, dtype, shape, role }) => ({
    way: 'out',
    name,
    type: `${dtype} ${shaped(shape)}`,
    note: role === 'label' && classes ? `${role}: ${classes.slice(0, 8).join(', ')}` : role,
  }));
  return [...taken, ...given];
}

function shaped(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((size) => size ?? '?').join(', ')}]`;
}
