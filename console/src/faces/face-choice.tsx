import { useId } from 'react';
import { FaceCrop } from './face-crop.tsx';
import { largestFace, mostCentralFace } from './prominent-faces.ts';
import type { FacePhoto } from './use-face-photo.ts';
import styles from './faces.module.css';

/** The faces of a photo side by side, one of them meant. Arrow keys move between them; the photo shows the same choice. */
export function FaceChoice({ photo }: { readonly photo: FacePhoto }) {
  const name = useId();
  const { address, width, height, faces, chosen, chooseFace } = photo;
  const marks: readonly (readonly [place: number, mark: string])[] = [
    [largestFace(photo), 'largest'],
    [mostCentralFace(photo), 'most central'],
  ];
  return (
    <fieldset className={styles.choice}>
      <legend>{faces.length} faces: which one?</legend>
      {faces.map(({ box }, i) => (
        <label key={i} className={styles.face} data-chosen={i === chosen}>
          <input type="radio" name={name} checked={i === chosen} onChange={() => chooseFace(i)} />
          {address !== undefined && <FaceCrop {...{ address, width, height, box }} />}
          <span>Face {i + 1}</span>
          <span className={styles.marks}>
            {marks
              .filter(([place]) => place === i)
              .map(([, mark]) => mark)
              .join(', ')}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
