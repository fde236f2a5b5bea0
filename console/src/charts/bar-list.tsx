import { count, percent } from '../parts/quantities.ts';
import styles from './charts.module.css';

interface BarListProps {
  readonly label: string;
  readonly bars: readonly {
    readonly label: string;
    readonly count: number;
    readonly share: number;
  }[];
}

/** Shares of a whole, greatest first, each with its figure. */
export function BarList({ label, bars }: BarListProps) {
  const most = Math.max(...bars.map(({ share }) => share), 0);
  return (
    <table className={styles.bars}>
      <caption className="visually-hidden">{label}</caption>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.label}>
            <th scope="row">{bar.label}</th>
            <td className={styles.track}>
              <span style={{ width: `${most > 0 ? (bar.share / most) * 100 : 0}%` }} />
            </td>
            <td className={styles.figures}>{count(bar.count)}</td>
            <td className={styles.figures}>{percent(bar.share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
