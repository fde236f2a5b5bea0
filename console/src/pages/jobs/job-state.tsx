import type { Job } from '../../api/types.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { count } from '../../parts/quantities.ts';
import styles from './job-state.module.css';

const tones: Readonly<Record<Job['state'], Tone>> = {
  queued: 'plain',
  running: 'warn',
  done: 'good',
  failed: 'bad',
  cancelled: 'plain',
};

/** How far a job is, and what became of it. */
export function JobState({ job }: { readonly job: Job }) {
  const { state, rows, rows_per_second: rate, eta_seconds: left, error, job_id } = job;
  const running = state === 'running' || state === 'queued';
  return (
    <div className={styles.state}>
      <div className={styles.line}>
        <Badge tone={tones[state]}>{state}</Badge>
        <span>
          {count(rows.done)} of {count(rows.total)} rows
        </span>
      </div>
      {running && (
        <progress
          max={Math.max(1, rows.total)}
          value={rows.done}
          aria-label={`Rows done of job ${job_id.slice(-8)}`}
        />
      )}
      <span className="muted">
        {[
          running && rate !== null ? `${count(Math.round(rate))} rows per second` : '',
          left === null ? '' : `${duration(left)} left`,
        ]
          .filter(Boolean)
          .join(', ')}
      </span>
      {rows.failed > 0 && (
        <span className={styles.bad}>
          {count(rows.failed)} {rows.failed === 1 ? 'row is' : 'rows are'} wrong; the result says
          why
        </span>
      )}
      {error && (
        <span className={styles.bad}>
          <code>{error.code}</code> {error.message}
        </span>
      )}
    </div>
  );
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
