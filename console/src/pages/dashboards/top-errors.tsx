import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, data } from '../../api/client.ts';
import { useModelNames } from '../../charts/model-names.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { count, percent } from '../../parts/quantities.ts';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';

/** What failed most in 24 hours: codes, models, and some predictions to look at. */
export function TopErrors() {
  const names = useModelNames();
  const errors = useQuery({
    queryKey: ['analytics', 'errors', '24h'],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/analytics/errors', { params: { query: { window: '24h' } }, signal })),
    refetchInterval: 10_000,
  });
  return (
    <Panel title="Errors">
      {errors.isError && <ProblemCard error={errors.error} />}
      {errors.isPending && <Waiting label="Adding up the errors" />}
      {errors.data?.items.length === 0 && <p className="muted">No prediction failed.</p>}
      {errors.data && errors.data.items.length > 0 && (
        <Table
          label="errors of predictions"
          rows={errors.data.items}
          keyOf={({ code, model_id, version }) => `${code} ${model_id} ${version}`}
          columns={[
            { title: 'Code', cell: ({ code }) => <code>{code}</code> },
            {
              title: 'Model',
              cell: ({ model_id, version }) => (
                <Link to="/dashboards/models/$id" params={{ id: model_id }}>
                  {names.get(model_id) ?? model_id} {version === null ? '' : `v${version}`}
                </Link>
              ),
            },
            { title: 'Count', number: true, cell: (item) => count(item.count) },
            { title: 'Share', number: true, cell: ({ share }) => percent(share) },
          ]}
        />
      )}
    </Panel>
  );
}
