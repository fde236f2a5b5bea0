import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, data } from '../../api/client.ts';
import { Columns } from '../../parts/columns.tsx';
import { useTextInAddress } from '../../parts/in-address.ts';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { MissingPage } from '../../parts/missing-page.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Facts } from './facts.tsx';
import { Lifecycle } from './lifecycle.tsx';
import { Parity } from './parity.tsx';
import { PredictPanel } from './predict-panel.tsx';
import { SignatureTable } from './signature-table.tsx';
import { Versions } from './versions.tsx';

/** One model: what it takes and gives, a try, its versions, what the importer said. */
export function Page() {
  const { id } = useParams({ from: '/models/$id' });
  const [version, setVersion] = useTextInAddress('version');
  const queries = useQueryClient();
  const model = useQuery({
    queryKey: ['model', id, version],
    queryFn: ({ signal }) => {
      const query = version === '' ? {} : { version };
      return data(api.GET('/api/v1/models/{id}', { params: { path: { id }, query }, signal }));
    },
  });
  if (model.isError)
    return <MissingPage title="Model" error={model.error} onRetry={() => void model.refetch()} />;
  if (!model.data) return <Waiting label="Loading the model" />;
  const shown = model.data;
  const changed = async (): Promise<void> => {
    setVersion('');
    await queries.invalidateQueries({ queryKey: ['model', id] });
    await queries.invalidateQueries({ queryKey: ['models'] });
  };
  return (
    <>
      <PageHead title={`${shown.name} v${shown.version}`} lead={shown.description}>
        <Lifecycle model={shown} onChanged={changed} />
      </PageHead>
      <Columns
        main={
          <>
            {shown.task === 'predict' && (
              <PredictPanel key={`${id} ${shown.version}`} model={shown} />
            )}
            <Panel title="What it takes and gives">
              <SignatureTable signature={shown.signature} />
            </Panel>
          </>
        }
        side={
          <>
            <Panel title="Version">
              <Facts model={shown} />
            </Panel>
            <Versions
              id={id}
              shown={shown.version}
              onShow={(number) => setVersion(String(number))}
              onChanged={changed}
            />
            <Panel title="The importer’s report">
              <Parity report={shown.report} />
              <JsonTree value={shown.report} open={1} />
            </Panel>
          </>
        }
      />
    </>
  );
}
