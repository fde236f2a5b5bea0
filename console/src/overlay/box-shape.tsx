import styles from './box-shape.module.css';

interface BoxShapeProps {
  readonly box: readonly number[];
  /** On the plate at the box; empty for none. */
  readonly text: string;
  /** Image pixels per screen pixel. */
  readonly unit: number;
  /** Of the line, in screen pixels. */
  readonly line?: number;
}

/** Width of a letter and height of the plate, in screen pixels. */
const letter = 7.7;
const plate = 19;

/** A box with its label above it, or inside where there is no room above. What is around it sets `--stroke` and `--plate`. */
export function BoxShape({ box, text, unit, line = 2 }: BoxShapeProps) {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  const height = plate * unit;
  const top = y1 >= height ? y1 - height : Math.max(0, y1);
  const left = Math.max(0, x1);
  return (
    <>
      <rect
        className={styles.shape}
        x={x1}
        y={y1}
        width={x2 - x1}
        height={y2 - y1}
        strokeWidth={line * unit}
      />
      {text !== '' && (
        <>
          <rect
            className={styles.plate}
            x={left}
            y={top}
            width={(text.length * letter + 10) * unit}
            height={height}
          />
          <text
            className={styles.text}
            x={left + 5 * unit}
            y={top + 14 * unit}
            fontSize={12.5 * unit}
          >
            {text}
          </text>
        </>
      )}
    </>
  );
}
