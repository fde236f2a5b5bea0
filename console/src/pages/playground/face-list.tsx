import type { Face } from '../../api/types.ts';
import { reasonsText } from '../../faces/quality-words.ts';
import { FactList } from '../../parts/fact-list.tsx';
import { percent } from '../../parts/quantities.ts';
import styles from './lists.module.css';

interface FaceListProps {
  readonly faces: readonly Face[];
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

/** Every face with what is known of it; choosing one marks it in the image. */
export function FaceList({ faces, selected, onSelect }: FaceListProps) {
  if (faces.length === 0) return <p className="muted">No face was found.</p>;
  return (
    <ul className={styles.list} aria-label="Faces">
      {faces.map((face, i) => {
        const name = `face ${i}`;
        return (
          <li key={name}>
            <button
              type="button"
              aria-pressed={selected === name}
              onClick={() => onSelect(selected === name ? undefined : name)}
            >
              <strong>Face {i + 1}</strong>
              <span className="muted">score {face.score.toFixed(2)}</span>
            </button>
            <div className={styles.facts}>
              <FactList facts={factsOf(face)} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function factsOf(face: Face): readonly (readonly [string, string | undefined])[] {
  const { age, gender, emotion, liveness, pose, quality, embedding } = face;
  return [
    ['Age', age === undefined ? undefined : `${Math.round(age)}`],
    ['Gender', gender && `${gender.label} ${percent(gender.score)}`],
    ['Emotion', emotion && `${emotion.label} ${percent(emotion.scores[emotion.label] ?? 0)}`],
    ['Live', liveness === undefined ? undefined : percent(liveness)],
    ['Pose', `yaw ${degrees(pose.yaw)}, pitch ${degrees(pose.pitch)}, roll ${degrees(pose.roll)}`],
    ['Quality', [percent(quality.score), reasonsText(quality.reasons)].filter(Boolean).join(', ')],
    ['Embedding', embedding && `${embedding.length} values`],
  ];
}

function degrees(value: number): string {
  return `${Math.round(value)}°`;
}
