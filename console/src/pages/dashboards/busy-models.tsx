import { Link } from '@tanstack/react-router';
import type { AnalyticsOverview } from '../../api/types.ts';
import { Panel } from '../../parts/panel.tsx';
import { count, percent } from '../../parts/quantities.ts';
import { Table } from '../../parts/table.tsx';
import { useModelNames } from '../../charts/model-names.ts';

/** Which models were asked, the busiest first, each with the way to its own dashboard. */
export function BusyModels({ models }: Pick<AnalyticsOverview, 'models'>) {
  const names = useModelNames();
  return (
    <Panel title="Models">
      <Table
        label="models asked"
        rows={models}
        keyOf={({ model_id, version }) => `${model_id} ${version}`}
        columns={[
          {
            title: 'Model',
            cell: ({ model_id }) => (
              <Link to="/dashboards/models/$id" params={{ id: model_id }}>
                {names.get(model_id) ?? model_id}
              </Link>
            ),
          },
          { title: 'Version', number: true, cell: ({ version }) => version ?? '–' },
          { title: 'Predictions', number: true, cell: ({ requests }) => count(requests) },
          { title: 'Rows', number: true, cell: ({ rows }) => count(rows) },
          {
            title: 'Failed',
            number: true,
            cell: ({ error_rate }) => (error_rate === null ? '–' : percent(error_rate)),
          },
        ]}
      />
    </Panel>
  );
}
