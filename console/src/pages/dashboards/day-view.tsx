import { useQuery } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import { PredictionCharts } from '../../charts/prediction-charts.tsx';
import { PredictionStats } from '../../charts/prediction-stats.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { BusyModels } from './busy-models.tsx';
import { TopErrors } from './top-errors.tsx';
import styles from './page.module.css';

/** A day of predictions, from the server's own analytics. */
export function DayView() {
  const overview = useQuery({
    queryKey: ['analytics', 'overview', '24h'],
    queryFn: ({ signal }) =>
      data(
        api.GET('/api/v1/analytics/overview', {
          params: { query: { window: '24h', bucket: '15m' } },
          signal,
        }),
      ),
    refetchInterval: 10_000,
  });
  if (!overview.data)
    return overview.isError ? (
      <ProblemCard error={overview.error} onRetry={() => void overview.refetch()} />
    ) : (
      <Waiting label="Adding up the last 24 hours" />
    );
  const shown = overview.data;
  return (
    <div className={styles.page}>
      {overview.isError && <ProblemCard error={overview.error} />}
      <PredictionStats overview={shown} />
      {shown.totals.requests === 0 && (
        <Empty title="No prediction in the last 24 hours">
          <p>
            Upload a model and send it rows. Its predictions are here some seconds later. Image
            analysis is in the 5 minute view.
          </p>
        </Empty>
      )}
      {shown.totals.requests > 0 && (
        <div className={styles.grid}>
          <PredictionCharts overview={shown} />
          <BusyModels models={shown.models} />
          <TopErrors />
        </div>
      )}
    </div>
  );
}
