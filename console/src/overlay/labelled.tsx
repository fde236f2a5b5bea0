import type { KeyboardEvent } from 'react';
import { BoxShape } from './box-shape.tsx';
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

/** A box that can be chosen, by keyboard too. */
export function Labelled(props: LabelledProps) {
  const { box, tone, text, description, unit, name, selected, onSelect } = props;
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
      <BoxShape {...{ box, text, unit }} line={selected ? 4 : 2} />
    </g>
  );
}
