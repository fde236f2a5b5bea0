import type { Prediction } from '../../api/types.ts';
import { FactList } from '../../parts/fact-list.tsx';
import { milliseconds, percent } from '../../parts/quantities.ts';
import styles from './answer.module.css';

/** What the model says to the one row: the prediction, and how probable each class is. */
export function Answer({ prediction }: { readonly prediction: Prediction }) {
  const { predictions, probabilities, cached, inference_time_ms, total_time_ms, prediction_id } =
    prediction;
  const [row = {}] = probabilities ?? [];
  const classes = Object.entries(row).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return (
    <>
      <output className={styles.answer}>{shown(predictions[0])}</output>
      {classes.length > 0 && (
        <ul className={styles.classes} aria-label="Probabilities">
          {classes
            .toSorted(([, a], [, b]) => b - a)
            .slice(0, 10)
            .map(([label, probability]) => (
              <li key={label}>
                <span>{label}</span>
                <meter min={0} max={1} value={probability} aria-label={`Probability of ${label}`} />
                <span>{percent(probability)}</span>
              </li>
            ))}
        </ul>
      )}
      <FactList
        facts={[
          ['Inference', milliseconds(inference_time_ms)],
          ['Total', milliseconds(total_time_ms)],
          ['From the cache', cached ? 'yes' : 'no'],
          ['Prediction', <code key="id">{prediction_id}</code>],
        ]}
      />
    </>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
