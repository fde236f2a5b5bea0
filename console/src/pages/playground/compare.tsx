import { useState } from 'react';
import { Overlay } from '../../overlay/overlay.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Analysed } from './run.ts';
import styles from './compare.module.css';

interface CompareProps {
  readonly runs: readonly Analysed[];
  readonly picture: string;
}

/** Two runs on the same image, side by side. */
export function Compare({ runs, picture }: CompareProps) {
  const [chosen, setChosen] = useState<readonly [number, number]>([0, 1]);
  const sides = chosen.map((back) => runs[back]);
  return (
    <Panel title="Compare two runs">
      <div className={styles.sides}>
        {sides.map((run, side) => (
          <div key={side}>
            <label className={styles.choice}>
              {side === 0 ? 'One run' : 'Another'}
              <select
                value={chosen[side]}
                onChange={(event) => {
                  const back = Number(event.target.value);
                  setChosen(side === 0 ? [back, chosen[1]] : [chosen[0], back]);
                }}
              >
                {runs.map((one, back) => (
                  <option key={one.answered.id} value={back}>
                    {titleOf(one, runs.length - back)}
                  </option>
                ))}
              </select>
            </label>
            {run?.analysis && (
              <Overlay
                source={picture}
                alt={titleOf(run, runs.length - (chosen[side] ?? 0))}
                width={run.analysis.width}
                height={run.analysis.height}
                faces={run.analysis.faces}
                objects={run.analysis.objects}
              />
            )}
          </div>
        ))}
      </div>
      <table className={styles.facts}>
        <caption className="visually-hidden">Both runs in numbers</caption>
        <tbody>
          {rows.map(({ name, of }) => {
            const values = sides.map((run) => (run ? of(run) : ''));
            return (
              <tr key={name} data-differs={values[0] !== values[1]}>
                <th scope="row">{name}</th>
                {values.map((value, side) => (
                  <td key={side}>{value}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}

const rows: readonly { readonly name: string; readonly of: (run: Analysed) => string }[] = [
  { name: 'Included', of: ({ options }) => options.include.join(', ') || 'the default' },
  { name: 'Faces', of: ({ analysis }) => `${analysis?.faces?.length ?? 0}` },
  {
    name: 'Objects',
    of: ({ analysis }) => analysis?.objects?.map(({ label }) => label).join(', ') ?? '',
  },
  { name: 'From the cache', of: ({ analysis }) => (analysis?.cached === true ? 'yes' : 'no') },
  {
    name: 'Inference',
    of: ({ analysis }) => `${analysis?.timings_ms.inference.toFixed(1) ?? ''} ms`,
  },
  { name: 'Total', of: ({ answered }) => `${answered.milliseconds.toFixed(1)} ms` },
  {
    name: 'Models',
    of: ({ analysis }) =>
      analysis?.models.map(({ name, version }) => `${name} ${version}`).join(', ') ?? '',
  },
];

function titleOf({ options, answered }: Analysed, number: number): string {
  const extras = options.include.length > 0 ? ` with ${options.include.join(', ')}` : '';
  return `Run ${number}${extras}, ${answered.at.toLocaleTimeString()}`;
}
