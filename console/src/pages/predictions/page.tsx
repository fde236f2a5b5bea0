import { Link } from '@tanstack/react-router';
import { nameOfModel, useUploadedModels } from '../../api/model-names.ts';
import type { LoggedPrediction, ModelVersion } from '../../api/types.ts';
import { Choice } from '../../parts/choice.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Filters } from '../../parts/filters.tsx';
import { useChoiceInAddress, useTextInAddress } from '../../parts/in-address.ts';
import { PagedTable } from '../../parts/paged-table.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { count, milliseconds } from '../../parts/quantities.ts';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { loadPredictions, orders, periods } from './load-predictions.ts';
import { OutcomeBadge } from './outcome-badge.tsx';

/** The prediction log, live: what was asked, what was answered, what failed. */
export function Page() {
  const [model, setModel] = useTextInAddress('model');
  const [order, setOrder] = useChoiceInAddress('show', orders, 'newest');
  const [period, setPeriod] = useChoiceInAddress('from', periods, '');
  const models = useUploadedModels();
  const filtered = model !== '' || order === 'failures' || period !== '';
  return (
    <>
      <PageHead
        title="Predictions"
        lead="Every prediction is written down, failures too. It is listed some seconds after its answer."
      />
      <Panel title="Log">
        <Filters>
          <Choice
            label="Model"
            value={model}
            options={[
              { value: '', label: 'Every model' },
              ...models.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={setModel}
          />
          <Choice label="Show" value={order} options={orders} onChange={setOrder} />
          <Choice label="From" value={period} options={periods} onChange={setPeriod} />
        </Filters>
        <PagedTable
          label="predictions"
          columns={columnsWith(models)}
          keyOf={({ prediction_id }) => prediction_id}
          queryKey={['predictions', model, order, period]}
          refreshMs={3_000}
          load={(cursor, signal) => loadPredictions({ model, order, period }, cursor, signal)}
          empty={<NoPrediction filtered={filtered} />}
        />
      </Panel>
    </>
  );
}

function NoPrediction({ filtered }: { readonly filtered: boolean }) {
  return filtered ? (
    <Empty title="No such prediction">
      <p>Nothing in the log fits this filter.</p>
    </Empty>
  ) : (
    <Empty title="No prediction yet">
      <p>
        Open one of the <Link to="/models">models</Link> and try it, or send it rows from a program.
      </p>
    </Empty>
  );
}

function columnsWith(models: readonly ModelVersion[]): readonly Column<LoggedPrediction>[] {
  return [
    {
      title: 'When',
      cell: ({ prediction_id: id, at }) => (
        <Link to="/predictions/$id" params={{ id }}>
          <When at={at} />
        </Link>
      ),
    },
    {
      title: 'Model',
      cell: ({ model_id, version }) => (
        <>
          {nameOfModel(models, model_id)}
          {version !== null && <span className="muted"> v{version}</span>}
        </>
      ),
    },
    { title: 'Outcome', cell: (prediction) => <OutcomeBadge prediction={prediction} /> },
    { title: 'Predicted', cell: ({ outputs }) => outputsText(outputs) },
    { title: 'Rows', cell: ({ rows }) => count(rows), number: true },
    { title: 'Time', cell: ({ latency_ms }) => milliseconds(latency_ms.total), number: true },
  ];
}

function outputsText(outputs: readonly unknown[]): string {
  const shown = outputs
    .slice(0, 3)
    .map((output) => (typeof output === 'string' ? output : JSON.stringify(output)).slice(0, 40));
  return shown.join(', ') + (outputs.length > 3 ? ', …' : '');
}
