import type { Face } from '../api/types.ts';
import { Badge } from '../parts/badge.tsx';
import { percent } from '../parts/quantities.ts';
import { reasonsText } from './quality-words.ts';
import styles from './faces.module.css';

/** How well a face can be recognised, and what is in the way. */
export function QualityNote({ quality }: Pick<Face, 'quality'>) {
  const good = quality.reasons.length === 0;
  return (
    <p className={styles.quality}>
      <Badge tone={good ? 'good' : 'warn'}>quality {percent(quality.score)}</Badge>
      {!good && <span>{reasonsText(quality.reasons)}</span>}
    </p>
  );
}
