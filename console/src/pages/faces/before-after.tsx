import { useState } from 'react';
import { useAddress } from '../../image/use-address.ts';
import { save } from '../../api/save.ts';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import styles from './page.module.css';

interface BeforeAfterProps {
  readonly before: Blob;
  readonly after: Blob;
}

/** Two pictures of one size, one over the other, with an edge between them that can be moved. */
export function BeforeAfter({ before, after }: BeforeAfterProps) {
  const [share, setShare] = useState(50);
  const old = useAddress(before);
  const fresh = useAddress(after);
  return (
    <Panel
      title="Before and after"
      tools={<Button onClick={() => save(after, 'swapped.png')}>Save</Button>}
    >
      <div className={styles.result}>
        <div className={styles.compare}>
          {old !== undefined && <img src={old} alt="Before" />}
          {fresh !== undefined && (
            <img
              className={styles.after}
              src={fresh}
              alt="After"
              style={{ clipPath: `inset(0 0 0 ${share}%)` }}
            />
          )}
          <span className={styles.edge} style={{ left: `${share}%` }} />
          <span className={styles.side} data-side="before" aria-hidden>
            before
          </span>
          <span className={styles.side} data-side="after" aria-hidden>
            after
          </span>
        </div>
        <input
          type="range"
          className={styles.slider}
          min={0}
          max={100}
          value={share}
          aria-label="How much of the picture is shown as before"
          aria-valuetext={`${share} % before`}
          onChange={(event) => setShare(Number(event.target.value))}
        />
      </div>
    </Panel>
  );
}
