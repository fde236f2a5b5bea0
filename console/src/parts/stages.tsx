import { milliseconds } from './quantities.ts';
import styles from './stages.module.css';

interface StagesProps {
  /** In the order in which they happened. */
  readonly stages: readonly { readonly name: string; readonly milliseconds: number }[];
  /** From the beginning to the end, in milliseconds. */
  readonly whole: number;
  readonly label?: string;
}

/** Where the time went: each stage begins where the one before ended. */
export function Stages({ stages, whole, label = 'Milliseconds per stage' }: StagesProps) {
  const starts = stages.map((_, i) => sum(stages.slice(0, i)));
  const scale = 100 / Math.max(whole, sum(stages), 0.001);
  return (
    <table className={styles.stages}>
      <caption className="visually-hidden">{label}</caption>
      <tbody>
        {stages.map(({ name, milliseconds: length }, i) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={styles.track}>
              <span
                className={styles.bar}
                style={{ left: `${(starts[i] ?? 0) * scale}%`, width: `${length * scale}%` }}
              />
            </td>
            <td className={styles.number}>{milliseconds(length)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">total</th>
          <td />
          <td className={styles.number}>{milliseconds(whole)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function sum(stages: StagesProps['stages']): number {
  return stages.reduce((all, { milliseconds: length }) => all + length, 0);
}
