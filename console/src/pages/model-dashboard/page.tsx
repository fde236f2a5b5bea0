import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, data } from '../../api/client.ts';
import { PredictionCharts } from '../../charts/prediction-charts.tsx';
import { PredictionStats } from '../../charts/prediction-stats.tsx';
import { useModelNames } from '../../charts/model-names.ts';
import { useChoiceInAddress } from '../../parts/in-address.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Segments } from '../../parts/segments.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Classes } from './classes.tsx';
import { Confidence } from './confidence.tsx';
import { DriftPanel } from './drift-panel.tsx';
import { ModelErrors } from './model-errors.tsx';
import styles from './page.module.css';

const windows = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
] as const;

function useModelAnalytics(id: string, window: (typeof windows)[number]['value']) {
  return useQuery({
    queryKey: ['analytics', 'model', id, window],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1/analytics/models/{id}', {
          params: { path: { id }, query: { window } },
          signal,
        }),
      ),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });
}

/** One model over time: how much it is asked, how long it takes, what it says, and whether its inputs have changed. */
export function Page() {
  const { id } = useParams({ from: '/dashboards/models/$id' });
  const name = useModelNames().get(id);
  const [window, setWindow] = useChoiceInAddress('window', windows, '24h');
  const analytics = useModelAnalytics(id, window);
  return (
    <>
      <PageHead title={name ?? 'Model'} lead="What it was asked, and what it said.">
        <Segments label="Time shown" value={window} options={windows} onChange={setWindow} />
      </PageHead>
      <p className={styles.ways}>
        <Link to="/dashboards">All dashboards</Link>
        <Link to="/models/$id" params={{ id }}>
          The model
        </Link>
      </p>
      {analytics.isError && (
        <ProblemCard error={analytics.error} onRetry={() => void analytics.refetch()} />
      )}
      {analytics.isPending && <Waiting label="Adding up its predictions" />}
      {analytics.data && (
        <div className={styles.page}>
          <PredictionStats overview={analytics.data} />
          <div className={styles.grid}>
            <PredictionCharts overview={analytics.data} />
            <Classes classes={analytics.data.classes} />
            <Confidence confidence={analytics.data.confidence} />
            <DriftPanel id={id} />
            <ModelErrors errors={analytics.data.errors} />
          </div>
        </div>
      )}
    </>
  );
}
