import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../api/client.ts';
import { FacePhotoPanel } from '../../faces/face-photo.tsx';
import { NeedsModel } from '../../faces/needs-model.tsx';
import { askedOf, sameAsked, type Asked } from '../../faces/same-photos.ts';
import { useFacePhoto, type FacePhoto } from '../../faces/use-face-photo.ts';
import { Button } from '../../parts/button.tsx';
import { Check } from '../../parts/check.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { BeforeAfter } from './before-after.tsx';
import styles from './page.module.css';

/** The face of one photo in another one. */
export function Swap() {
  return (
    <NeedsModel
      tasks={['face-swap']}
      title="No swapping model is installed"
      advice={
        <>
          Fetch the pack <code>inswapper_128</code>, and start the server with a pack that it goes
          with: <code>FOVEA_FACE_PACK=buffalo_l</code> or <code>buffalo_m</code>.
        </>
      }
    >
      <SwapForm />
    </NeedsModel>
  );
}

function SwapForm() {
  const source = useFacePhoto();
  const target = useFacePhoto();
  const [all, setAll] = useState(false);
  const swap = useMutation({ mutationFn: (_asked: Asked) => swapped(source, target, all) });
  const asked = [...askedOf(source, target), all];
  const answered = sameAsked(swap.variables, asked);
  const ready = source.faces.length > 0 && target.faces.length > 0;
  return (
    <div className={styles.page}>
      <div className={styles.pair}>
        <FacePhotoPanel title="The face to put in" photo={source} />
        <FacePhotoPanel title="The photo to change" photo={target} />
      </div>
      <div className={styles.tools}>
        <Check label="Replace every face of it" checked={all} onChange={() => setAll(!all)} />
        <Button
          kind="main"
          disabled={!ready}
          busy={swap.isPending}
          onClick={() => swap.mutate(asked)}
        >
          Swap
        </Button>
        <p className="muted">Only with photos of people who agreed.</p>
      </div>
      {answered && swap.isError && <ProblemCard error={swap.error} />}
      {answered && swap.data && <BeforeAfter before={swap.data.before} after={swap.data.after} />}
    </div>
  );
}

async function swapped(source: FacePhoto, target: FacePhoto, all: boolean) {
  if (!source.file || !target.file) throw new TypeError('Two photos are needed.');
  const form = new FormData();
  form.set('source_face', String(source.chosen));
  form.set('target_face', all ? 'all' : String(target.chosen));
  form.set('source', source.file);
  form.set('target', target.file);
  const headers = { accept: 'image/png' };
  const answer = await send('/api/v1/faces/swap', { method: 'POST', body: form, headers });
  return { before: target.file, after: await answer.blob() };
}
