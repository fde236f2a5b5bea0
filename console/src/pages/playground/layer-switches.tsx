import type { Layers } from '../../overlay/overlay.tsx';
import styles from './options.module.css';

interface LayerSwitchesProps {
  readonly layers: Layers;
  readonly onChange: (layers: Layers) => void;
}

const names: readonly (readonly [keyof Layers, string])[] = [
  ['faces', 'Faces'],
  ['objects', 'Objects'],
  ['landmarks', 'Points'],
  ['labels', 'Labels'],
];

/** What is drawn over the image. */
export function LayerSwitches({ layers, onChange }: LayerSwitchesProps) {
  return (
    <fieldset className={styles.options}>
      <legend className="visually-hidden">Shown over the image</legend>
      {names.map(([layer, label]) => (
        <label key={layer}>
          <input
            type="checkbox"
            checked={layers[layer]}
            onChange={() => onChange({ ...layers, [layer]: !layers[layer] })}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
