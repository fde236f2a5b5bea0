import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../api/client.ts';
import type { Verification } from '../../api/types.ts';
import { FacePhotoPanel } from '../../faces/face-photo.tsx';
import { askedOf, sameAsked, type Asked } from '../../faces/same-photos.ts';
import { SimilarityScale } from '../../faces/similarity-scale.tsx';
import { useFacePhoto, type FacePhoto } from '../../faces/use-face-photo.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './page.module.css';

/** Whether two photos show one person. */
export function Verify() {
  const one = useFacePhoto();
  const other = useFacePhoto();
  const [threshold, setThreshold] = useState('');
  const verify = useMutation({ mutationFn: (_asked: Asked) => verified(one, other, threshold) });
  const asked = [...askedOf(one, other), threshold];
  const answered = sameAsked(verify.variables, asked);
  const ready = one.faces.length > 0 && other.faces.length > 0;
  return (
    <div className={styles.page}>
      <div className={styles.pair}>
        <FacePhotoPanel title="One photo" photo={one} />
        <FacePhotoPanel title="Another photo" photo={other} />
      </div>
      <div className={styles.tools}>
        <Field
          label="Threshold"
          type="number"
          min={-1}
          max={1}
          step={0.01}
          placeholder="auto"
          value={threshold}
          onChange={(event) => setThreshold(event.target.value)}
        />
        <Button
          kind="main"
          disabled={!ready}
          busy={verify.isPending}
          onClick={() => verify.mutate(asked)}
        >
          Compare
        </Button>
        {!ready && <p className="muted">Choose two photos with a face each.</p>}
      </div>
      {answered && verify.isError && <ProblemCard error={verify.error} />}
      {answered && verify.data && <Verdict verification={verify.data} />}
    </div>
  );
}

async function verified(
  one: FacePhoto,
  other: FacePhoto,
  threshold: string,
): Promise<Verification> {
  const form = new FormData();
  if (threshold !== '') form.set('threshold', threshold);
  for (const [side, { file, chosen }] of [one, other].entries()) {
    form.set(`face${side + 1}`, String(chosen));
    if (file) form.set(`file${side + 1}`, file);
  }
  const answer = await send('/api/v1/faces/verify', { method: 'POST', body: form });
  return (await answer.json()) as Verification;
}

function Verdict({ verification }: { readonly verification: Verification }) {
  const { verified: same, similarity, threshold, model } = verification;
  return (
    <Panel title="Result">
      <div className={styles.result}>
        <output>
          <Badge tone={same ? 'good' : 'plain'}>{same ? 'same person' : 'different people'}</Badge>
        </output>
        <SimilarityScale similarity={similarity} threshold={threshold} />
        <p className={styles.figures}>
          <span>
            Similarity <strong>{similarity.toFixed(3)}</strong>
          </span>
          <span>
            Threshold <strong>{threshold.toFixed(2)}</strong>
          </span>
          <span className="muted">
            by {model.name} {model.version}
          </span>
        </p>
        <p className="muted">
          A similarity is no proof. Let a person decide where much depends on it.
        </p>
      </div>
    </Panel>
  );
}
