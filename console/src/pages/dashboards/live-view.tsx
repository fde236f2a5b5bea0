import { Problem } from '../../api/problem.ts';
import { Empty } from '../../parts/empty.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { AnalysisStages, RequestLatency, Traffic, Failures } from './live-requests.tsx';
import { BatchPanel, CachePanel, MemoryPanel, QueuePanel, SessionsPanel } from './live-engine.tsx';
import { Dependencies } from './dependencies.tsx';
import { ErrorCodes } from './error-codes.tsx';
import { LiveStats } from './live-stats.tsx';
import type { Scrape } from './metrics-series.ts';
import { keptSeconds, useMetrics } from './use-metrics.ts';
import { Workers } from './workers.tsx';
import styles from './page.module.css';

/** What every live panel draws. */
export interface LivePanelProps {
  readonly scrapes: readonly Scrape[];
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly span: readonly [from: number, to: number];
}

/** The last five minutes, from the server's metrics. */
export function LiveView() {
  const metrics = useMetrics();
  const refused = metrics.error instanceof Problem && [401, 403].includes(metrics.error.status);
  if (refused && !metrics.data)
    return (
      <Empty title="The live view is for administrators">
        <p>It shows all of the server’s work. “24 hours” shows your own predictions.</p>
      </Empty>
    );
  const latest = metrics.data?.at(-1);
  if (!latest)
    return metrics.isError ? (
      <ProblemCard error={metrics.error} onRetry={() => void metrics.refetch()} />
    ) : (
      <Waiting label="Asking the server for its metrics" />
    );
  const scrapes = metrics.data ?? [];
  const shown: LivePanelProps = {
    scrapes,
    times: scrapes.map(({ at }) => at),
    span: [latest.at - keptSeconds, latest.at],
  };
  return (
    <div className={styles.page}>
      {metrics.isError && <ProblemCard error={metrics.error} />}
      <LiveStats scrapes={scrapes} />
      <div className={styles.grid}>
        <Traffic {...shown} />
        <Failures {...shown} />
        <RequestLatency {...shown} />
        <AnalysisStages {...shown} />
        <QueuePanel {...shown} />
        <MemoryPanel {...shown} />
        <CachePanel {...shown} />
        <SessionsPanel {...shown} />
        <Workers latest={latest} />
        <Dependencies latest={latest} />
        <BatchPanel {...shown} />
        <ErrorCodes scrapes={scrapes} />
      </div>
    </div>
  );
}
