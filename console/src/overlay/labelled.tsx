import type { KeyboardEvent } from 'react';
import styles from './overlay.module.css';

interface LabelledProps {
  readonly box: readonly number[];
  readonly tone: 'face' | 'object';
  /** Drawn at the box; empty for none. */
  readonly text: string;
  /** Spoken for the box. */
  readonly description: string;
  /** Image pixels per screen pixel. */
  readonly unit: number;
  readonly name: string;
  readonly selected: boolean;
  readonly onSelect: () => void;
}

const letter = 7.7;

/** A box with its label above it, or inside where there is no room above. */
export function Labelled(props: LabelledProps) {
  const { box, tone, text, description, unit, name, selected, onSelect } = props;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  const height = 19 * unit;
  const above = y1 >= height;
  const top = above ? y1 - height : y1;
  return (
    <g
      className={styles.box}
      data-tone={tone}
      data-name={name}
      role="button"
      tabIndex={0}
      aria-pressed={selected}
      aria-label={description}
      onClick={onSelect}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onSelect();
      }}
    >
      <rect
        x={x1}
        y={y1}
        width={x2 - x1}
        height={y2 - y1}
        strokeWidth={(selected ? 4 : 2) * unit}
      />
      {text !== '' && (
        <>
          <rect
            className={styles.plate}
            x={x1}
            y={top}
            width={(text.length * letter + 10) * unit}
            height={height}
          />
          <text x={x1 + 5 * unit} y={top + 14 * unit} fontSize={12.5 * unit}>
            {text}
          </text>
        </>
      )}
    </g>
  );
}
