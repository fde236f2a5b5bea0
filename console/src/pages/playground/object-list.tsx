import type { DetectedObject } from '../../api/types.ts';
import styles from './lists.module.css';

interface ObjectListProps {
  readonly objects: readonly DetectedObject[];
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

/** Every object with its score; choosing one marks it in the image. */
export function ObjectList({ objects, selected, onSelect }: ObjectListProps) {
  if (objects.length === 0) return <p className="muted">No object was found.</p>;
  return (
    <ul className={styles.list} aria-label="Objects">
      {objects.map(({ label, score }, i) => {
        const name = `object ${i}`;
        return (
          <li key={name}>
            <button
              type="button"
              aria-pressed={selected === name}
              onClick={() => onSelect(selected === name ? undefined : name)}
            >
              <strong>{label}</strong>
              <meter
                className={styles.meter}
                min={0}
                max={1}
                value={score}
                aria-label={`Score of ${label}`}
              />
              <span className="muted">{score.toFixed(2)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
