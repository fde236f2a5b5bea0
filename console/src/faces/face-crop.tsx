import styles from './faces.module.css';

interface FaceCropProps {
  readonly address: string;
  /** Pixels of the whole picture, upright. */
  readonly width: number;
  readonly height: number;
  readonly box: readonly number[];
  /** Left out where a text beside it says it. */
  readonly alt?: string;
}

/** One face of a picture, with some room around. */
export function FaceCrop({ address, width, height, box, alt }: FaceCropProps) {
  const spoken = alt === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': alt };
  return (
    <svg
      className={styles.thumbnail}
      viewBox={around(box)}
      preserveAspectRatio="xMidYMid slice"
      {...spoken}
    >
      <image href={address} width={width} height={height} />
    </svg>
  );
}

/** A square around a box, a third wider than it. */
function around([x1 = 0, y1 = 0, x2 = 1, y2 = 1]: readonly number[]): string {
  const side = Math.max(x2 - x1, y2 - y1) * 1.35;
  return `${(x1 + x2 - side) / 2} ${(y1 + y2 - side) / 2} ${side} ${side}`;
}
