import { ImagePicker } from '../image/image-picker.tsx';
import { Overlay } from '../overlay/overlay.tsx';
import { Panel } from '../parts/panel.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { FaceChoice } from './face-choice.tsx';
import type { FacePhoto } from './use-face-photo.ts';
import { QualityNote } from './quality-note.tsx';
import styles from './faces.module.css';

interface FacePhotoPanelProps {
  readonly title: string;
  readonly photo: FacePhoto;
}

/** Where a photo is dropped, and then shown with its faces, of which one is meant. */
export function FacePhotoPanel({ title, photo }: FacePhotoPanelProps) {
  const { address, faces, width, height, chosen, chooseFace, state, error } = photo;
  return (
    <Panel title={title}>
      <div className={styles.photo}>
        {state === 'ready' && faces.length > 0 && (
          <Overlay
            source={address}
            alt={`${title}, with its faces`}
            {...{ width, height, faces }}
            selected={`face ${chosen}`}
            onSelect={(name) => name !== undefined && chooseFace(Number(name.split(' ')[1]))}
          />
        )}
        {address !== undefined && (state !== 'ready' || faces.length === 0) && (
          <img className={styles.preview} src={address} alt={title} />
        )}
        {state === 'looking' && <Waiting label="Looking for faces" />}
        {state === 'failed' && <ProblemCard error={error} />}
        {state === 'ready' && faces.length === 0 && (
          <p role="alert" className={styles.none}>
            No face was found. Take a photo that shows one from the front.
          </p>
        )}
        {faces.length > 1 && <FaceChoice photo={photo} />}
        {faces[chosen] && <QualityNote quality={faces[chosen].quality} />}
        <ImagePicker
          label={state === 'empty' ? 'Choose a photo' : 'Choose another'}
          onChoose={(image) => image.kind === 'file' && photo.choose(image.file)}
        />
      </div>
    </Panel>
  );
}
