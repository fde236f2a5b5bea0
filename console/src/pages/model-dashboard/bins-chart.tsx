import type { Drift } from '../../api/types.ts';
import { percent } from '../../parts/quantities.ts';
import styles from './bins-chart.module.css';

type Feature = Drift['features'][number];

/** Shares of each bin, before beside now. Opens to the figures. */
export function BinsChart({ feature: { bins, feature } }: { readonly feature: Feature }) {
  const sums = { baseline: sum(bins, 'baseline'), current: sum(bins, 'current') };
  const rows = bins.map(({ label, baseline, current }) => ({
    label,
    before: baseline / Math.max(1, sums.baseline),
    now: current / Math.max(1, sums.current),
  }));
  const most = Math.max(...rows.flatMap(({ before, now }) => [before, now]), 0.01);
  return (
    <details className={styles.details}>
      <summary>
        <span className="visually-hidden">Bins of {feature}</span>
        <span className={styles.bins} aria-hidden>
          {rows.map(({ label, before, now }) => (
            <span key={label} className={styles.pair}>
              <span data-time="before" style={{ height: `${(before / most) * 100}%` }} />
              <span data-time="now" style={{ height: `${(now / most) * 100}%` }} />
            </span>
          ))}
        </span>
      </summary>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Values</th>
            <th scope="col">Before</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, before, now }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{percent(before)}</td>
              <td>{percent(now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function sum(bins: Feature['bins'], time: 'baseline' | 'current'): number {
  return bins.reduce((all, bin) => all + bin[time], 0);
}
