import { Panel } from '../../parts/panel.tsx';
import { count } from '../../parts/quantities.ts';
import { Table } from '../../parts/table.tsx';
import { growth, having, labelValues, sumOf, type Scrape } from './metrics-series.ts';

const errors = 'fovea_errors_total';

/** Errors by their code, the most frequent first. */
export function ErrorCodes({ scrapes }: { readonly scrapes: readonly Scrape[] }) {
  const [first] = scrapes;
  const last = scrapes.at(-1);
  if (!first || !last) return null;
  const rows = labelValues(last, errors, 'code')
    .map((code) => ({
      code,
      fresh: growth(first, last, errors, having({ code })) ?? 0,
      all: sumOf(last, errors, having({ code })) ?? 0,
    }))
    .toSorted((a, b) => b.fresh - a.fresh || b.all - a.all);
  return (
    <Panel title="Errors by code">
      {rows.length === 0 ? (
        <p className="muted">No request was answered with an error since the server started.</p>
      ) : (
        <Table
          label="errors by code"
          rows={rows}
          keyOf={({ code }) => code}
          columns={[
            { title: 'Code', cell: ({ code }) => <code>{code}</code> },
            { title: 'Since you came', number: true, cell: ({ fresh }) => count(fresh) },
            { title: 'Since the start', number: true, cell: ({ all }) => count(all) },
          ]}
        />
      )}
    </Panel>
  );
}
