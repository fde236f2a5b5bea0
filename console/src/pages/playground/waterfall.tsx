import type { Analysis } from '../../api/types.ts';
import { Stages } from '../../parts/stages.tsx';
import styles from './waterfall.module.css';

interface WaterfallProps {
  readonly analysis: Analysis;
  /** From the click to the answer, as this page saw it. */
  readonly milliseconds: number;
}

const names = ['queue', 'decode', 'preprocess', 'inference', 'postprocess'] as const;

/** Where the time went, from the click to the answer, and what each model took. */
export function Waterfall({
  analysis: { timings_ms, models, cached },
  milliseconds,
}: WaterfallProps) {
  const stages = names.map((name) => ({ name, milliseconds: timings_ms[name] }));
  const known = stages.reduce((all, stage) => all + stage.milliseconds, 0);
  const around = { name: 'server and network', milliseconds: Math.max(0, milliseconds - known) };
  return (
    <>
      {cached && <p className="muted">This answer came from the cache: nothing was computed.</p>}
      <Stages stages={[...stages, around]} whole={milliseconds} />
      {models.length > 0 && (
        <ul className={styles.models} aria-label="Models">
          {models.map(({ name, version, inference_ms }) => (
            <li key={name}>
              {name} <span className="muted">{version}</span>
              {inference_ms !== undefined && <span>{inference_ms.toFixed(1)} ms</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
