import type { Analysis } from '../../api/types.ts';
import styles from './waterfall.module.css';

interface WaterfallProps {
  readonly analysis: Analysis;
  /** From the click to the answer, as this page saw it. */
  readonly milliseconds: number;
}

const stages = ['queue', 'decode', 'preprocess', 'inference', 'postprocess'] as const;

/** Where the time went: each stage begins where the one before ended. */
export function Waterfall({
  analysis: { timings_ms, models, cached },
  milliseconds,
}: WaterfallProps) {
  const rows = stages.map((stage, i) => ({
    name: stage,
    start: sum(stages.slice(0, i).map((before) => timings_ms[before])),
    length: timings_ms[stage],
  }));
  const start = sum(rows.map(({ length }) => length));
  const around = Math.max(0, milliseconds - start);
  const whole = Math.max(milliseconds, start, 0.001);
  return (
    <>
      {cached && <p className="muted">This answer came from the cache: nothing was computed.</p>}
      <table className={styles.waterfall}>
        <caption className="visually-hidden">Milliseconds per stage</caption>
        <tbody>
          {[...rows, { name: 'server and network', start, length: around }].map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td className={styles.track}>
                <span
                  className={styles.bar}
                  style={{
                    left: `${(row.start / whole) * 100}%`,
                    width: `${(row.length / whole) * 100}%`,
                  }}
                />
              </td>
              <td className={styles.number}>{row.length.toFixed(1)} ms</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">in all</th>
            <td />
            <td className={styles.number}>{milliseconds.toFixed(1)} ms</td>
          </tr>
        </tfoot>
      </table>
      {models.length > 0 && (
        <ul className={styles.models} aria-label="Models">
          {models.map(({ name, version, inference_ms }) => (
            <li key={name}>
              {name} <span className="muted">{version}</span>
              {inference_ms !== undefined && <span>{inference_ms.toFixed(1)} ms</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
