import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, data } from '../../api/client.ts';
import { nameOfModel, useUploadedModels } from '../../api/model-names.ts';
import type { LoggedPrediction } from '../../api/types.ts';
import { Columns } from '../../parts/columns.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { count } from '../../parts/quantities.ts';
import { Stages } from '../../parts/stages.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { When } from '../../parts/when.tsx';
import { OutcomeBadge } from '../predictions/outcome-badge.tsx';
import { RowTable } from './row-table.tsx';

/** One prediction of the log: what was asked, what was answered, where the time went. */
export function Page(): ReactNode {
  const { id } = useParams({ from: '/predictions/$id' });
  const prediction = useQuery({
    queryKey: ['prediction', id],
    queryFn: ({ signal }) =>
      data(api.GET('/api/v1/predictions/{id}', { params: { path: { id } }, signal })),
    // What is written down does not change.
    staleTime: Infinity,
  });
  if (prediction.isPending) return <Waiting label="Loading the prediction" />;
  return (
    <>
      <PageHead
        title="Prediction"
        lead="What was asked, what was answered, and how long it took."
      />
      {prediction.isError ? (
        <ProblemCard error={prediction.error} onRetry={() => void prediction.refetch()} />
      ) : (
        <Shown prediction={prediction.data} />
      )}
    </>
  );
}

function Shown({ prediction }: { readonly prediction: LoggedPrediction }) {
  const { rows, inputs, latency_ms: latency, predicted_classes: classes } = prediction;
  const { queue, load, inference, total } = latency;
  const rest = Math.max(0, total - queue - load - inference);
  return (
    <Columns
      main={
        <>
          <Panel title={inputs.length < rows ? `The first ${inputs.length} rows` : 'Rows'}>
            <RowTable prediction={prediction} />
          </Panel>
          <Panel title="JSON">
            <JsonTree value={prediction} open={1} />
          </Panel>
        </>
      }
      side={
        <>
          <Panel title="Prediction">
            <Facts prediction={prediction} />
          </Panel>
          <Panel title="Time">
            <Stages
              stages={[
                { name: 'queue', milliseconds: queue },
                { name: 'loading the model', milliseconds: load },
                { name: 'inference', milliseconds: inference },
                { name: 'the rest', milliseconds: rest },
              ]}
              whole={total}
            />
          </Panel>
          {classes && (
            <Panel title="Classes of all rows">
              <FactList
                facts={Object.entries(classes).map(([name, number]) => [name, count(number)])}
              />
            </Panel>
          )}
        </>
      }
    />
  );
}

function Facts({ prediction }: { readonly prediction: LoggedPrediction }) {
  const { prediction_id: id, model_id, version, at, rows } = prediction;
  const models = useUploadedModels();
  return (
    <FactList
      facts={[
        ['Outcome', <OutcomeBadge key="outcome" prediction={prediction} />],
        [
          'Model',
          <span key="model">
            <Link to="/models/$id" params={{ id: model_id }}>
              {nameOfModel(models, model_id)}
            </Link>
            {version !== null && ` v${version}`}
          </span>,
        ],
        ['When', <When key="at" at={at} />],
        ['Rows', count(rows)],
        [
          'Id',
          <span key="id">
            <code>{id}</code>
            <CopyButton text={id} label="Copy the prediction id" />
          </span>,
        ],
      ]}
    />
  );
}
