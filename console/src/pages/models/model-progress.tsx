import type { Model } from '../../api/types.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { bytes, percent } from '../../parts/quantities.ts';
import styles from './setup-panel.module.css';

const tones: Readonly<Record<Model['state'], Tone>> = {
  absent: 'plain',
  fetching: 'warn',
  present: 'plain',
  loading: 'warn',
  ready: 'good',
  failed: 'bad',
};

/** How far one model is: its state, its download, or why it failed and what to do. */
export function ModelProgress({ model }: { readonly model: Model }) {
  const { state, reason, error, progress, name, load, active } = model;
  const idle = state === 'absent' || state === 'present';
  return (
    <div className={styles.state}>
      <Badge tone={tones[state]}>{state}</Badge>
      {idle && load === 'lazy' && <span className="muted">comes on first use</span>}
      {idle && !active && <span className="muted">not in use</span>}
      {state === 'fetching' && (
        <>
          <progress value={progress} aria-label={`How much of ${name} is here`} />
          <span className={styles.rate}>{transferText(model)}</span>
        </>
      )}
      {state === 'failed' && (
        <p className={styles.reason}>
          {error && <code>{error.code}</code>} {reason ?? error?.message}
        </p>
      )}
      {state !== 'failed' && reason !== undefined && <p className="muted">{reason}</p>}
    </div>
  );
}

/** 42 % · 3.1 MB/s · 12 s left */
function transferText({ progress, transfer }: Model): string {
  const parts = [percent(progress)];
  if (transfer?.bytes_per_second !== undefined) parts.push(`${bytes(transfer.bytes_per_second)}/s`);
  if (transfer?.eta_seconds !== undefined) parts.push(`${timeText(transfer.eta_seconds)} left`);
  return parts.join(' · ');
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
