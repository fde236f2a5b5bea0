import type { Face } from '../../api/types.ts';
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
            <dl className={styles.facts}>
              {factsOf(face).map(([term, value]) => (
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}

function factsOf(face: Face): (readonly [string, string])[] {
  const { age, gender, emotion, liveness, pose, quality, embedding } = face;
  const facts: (readonly [string, string | undefined])[] = [
    ['Age', age === undefined ? undefined : `${Math.round(age)}`],
    ['Gender', gender && `${gender.label} ${percent(gender.score)}`],
    ['Emotion', emotion && `${emotion.label} ${percent(emotion.scores[emotion.label] ?? 0)}`],
    ['Live', liveness === undefined ? undefined : percent(liveness)],
    ['Pose', `yaw ${degrees(pose.yaw)}, pitch ${degrees(pose.pitch)}, roll ${degrees(pose.roll)}`],
    [
      'Quality',
      [
        percent(quality.score),
        ...quality.reasons.map((reason) => reason.replaceAll('_', ' ')),
      ].join(', '),
    ],
    ['Embedding', embedding && `${embedding.length} values`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function degrees(value: number): string {
  return `${Math.round(value)}°`;
}
