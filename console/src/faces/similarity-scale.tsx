import styles from './faces.module.css';

interface SimilarityScaleProps {
  /** Cosines; what is below 0 is drawn at 0. */
  readonly similarity: number;
  readonly threshold: number;
}

/** A similarity on a scale from 0 to 1, with the threshold from which two faces count as one person. */
export function SimilarityScale({ similarity, threshold }: SimilarityScaleProps) {
  return (
    <div
      className={styles.scale}
      role="img"
      aria-label={`Similarity ${similarity.toFixed(2)}; the threshold is ${threshold.toFixed(2)}`}
    >
      <span
        className={styles.filled}
        data-enough={similarity >= threshold}
        style={{ width: share(similarity) }}
      />
      <span className={styles.threshold} style={{ left: share(threshold) }} />
    </div>
  );
}

function share(value: number): string {
  return `${Math.min(1, Math.max(0, value)) * 100}%`;
}
