import { useState } from 'react';
import type { AnalysisPart } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { RunOptions } from './run.ts';
import styles from './options.module.css';

interface OptionsProps {
  readonly again: boolean;
  readonly busy: boolean;
  readonly onRun: (options: RunOptions) => void;
}

/** What an analysis does not hold unless asked. */
const extras: readonly { readonly part: AnalysisPart; readonly label: string }[] = [
  { part: 'mesh', label: 'Face mesh' },
  { part: 'iris', label: 'Irises' },
  { part: 'embedding', label: 'Face embeddings' },
];

export function Options({ again, busy, onRun }: OptionsProps) {
  const [include, setInclude] = useState<readonly AnalysisPart[]>([]);
  const [wipeCache, setWipeCache] = useState(false);
  const toggle = (part: AnalysisPart): void =>
    setInclude(include.includes(part) ? include.filter((one) => one !== part) : [...include, part]);
  return (
    <Panel title="Analysis">
      <fieldset className={styles.options}>
        <legend className="visually-hidden">Beside faces and objects</legend>
        {extras.map(({ part, label }) => (
          <label key={part}>
            <input type="checkbox" checked={include.includes(part)} onChange={() => toggle(part)} />
            {label}
          </label>
        ))}
        <label>
          <input type="checkbox" checked={wipeCache} onChange={() => setWipeCache(!wipeCache)} />
          Compute anew
        </label>
      </fieldset>
      <Button kind="main" busy={busy} onClick={() => onRun({ include, wipeCache })}>
        {again ? 'Analyse again' : 'Analyse'}
      </Button>
    </Panel>
  );
}
