import { useEffect } from 'react';
import { asProblem } from '../api/problem.ts';
import { Overlay } from '../overlay/overlay.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { FaceChoice } from './face-choice.tsx';
import { FaceCrop } from './face-crop.tsx';
import { QualityNote } from './quality-note.tsx';
import { useFacePhoto } from './use-face-photo.ts';
import styles from './faces.module.css';

interface PhotoToEnrolProps {
  readonly file: File;
  /** Told once the photo was looked at, and whenever another face is chosen; undefined when there is no choice. */
  readonly onFace: (face: number | undefined) => void;
}

/** A photo that is about to be sent: the face that will be enrolled, to be chosen where there are several. */
export function PhotoToEnrol({ file, onFace }: PhotoToEnrolProps) {
  const photo = useFacePhoto();
  const { address, width, height, faces, chosen, state, error } = photo;
  const settled = state === 'ready' || state === 'failed';
  useEffect(() => {
    photo.choose(file);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- another file is another photo, nothing else.
  }, [file]);
  useEffect(() => {
    if (settled) onFace(faces.length > 1 ? chosen : undefined);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- told of what was found, not of who listens.
  }, [settled, faces, chosen]);
  const face = faces[chosen];
  return (
    <li className={styles.enrolled}>
      {face && address !== undefined ? (
        <FaceCrop {...{ address, width, height, box: face.box }} />
      ) : (
        <img className={styles.thumbnail} src={address} alt="" />
      )}
      <div>
        <strong>{file.name}</strong>
        {state === 'looking' && <Waiting label="Looking for faces" />}
        {state === 'failed' && <p role="alert">{asProblem(error).message}</p>}
        {state === 'ready' && !face && <p>No face was found in it.</p>}
        {face && <QualityNote quality={face.quality} />}
      </div>
      {faces.length > 1 && (
        <div className={styles.several}>
          <Overlay
            source={address}
            alt={`${file.name}, with its faces`}
            {...{ width, height, faces }}
            selected={`face ${chosen}`}
            onSelect={(name) => name !== undefined && photo.chooseFace(Number(name.split(' ')[1]))}
          />
          <FaceChoice photo={photo} />
        </div>
      )}
    </li>
  );
}
