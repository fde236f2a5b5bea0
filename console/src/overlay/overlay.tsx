import { useRef } from 'react';
import type { DetectedObject, Face } from '../api/types.ts';
import { Labelled } from './labelled.tsx';
import { usePixelSize } from './pixel-size.ts';
import { trackText } from './track-text.ts';
import styles from './overlay.module.css';

export interface Layers {
  readonly faces: boolean;
  readonly objects: boolean;
  readonly landmarks: boolean;
  readonly labels: boolean;
}

export const allLayers: Layers = { faces: true, objects: true, landmarks: true, labels: true };

interface OverlayProps {
  /** Of the upright image; browsers apply EXIF themselves. Without it the boxes stand alone. */
  readonly source: string | undefined;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly faces?: readonly Face[] | undefined;
  readonly objects?: readonly (DetectedObject & { track_id?: string | undefined })[] | undefined;
  readonly layers?: Layers;
  /** `face 0`, `object 2`… */
  readonly selected?: string | undefined;
  readonly onSelect?: (name: string | undefined) => void;
}

/** An image with what was found in it. Boxes scale with the image, lines and letters stay readable. */
export function Overlay(props: OverlayProps) {
  const { source, alt, width, height, faces = [], objects = [], layers = allLayers } = props;
  const ref = useRef<SVGSVGElement>(null);
  const unit = usePixelSize(ref, width, height);
  const item = (name: string) => ({
    unit,
    name,
    selected: props.selected === name,
    onSelect: () => props.onSelect?.(props.selected === name ? undefined : name),
  });
  return (
    <svg
      ref={ref}
      className={styles.overlay}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={alt}
    >
      {source !== undefined && <image href={source} width={width} height={height} />}
      {layers.objects &&
        objects.map((object, i) => (
          <Labelled
            key={`object ${i}`}
            {...item(`object ${i}`)}
            box={object.box}
            tone="object"
            text={layers.labels ? objectText(object) : ''}
            description={objectText(object)}
          />
        ))}
      {layers.faces &&
        faces.map((face, i) => (
          <Labelled
            key={`face ${i}`}
            {...item(`face ${i}`)}
            box={face.box}
            tone="face"
            text={layers.labels ? faceText(face, i) : ''}
            description={`Face ${faceText(face, i)}, score ${face.score.toFixed(2)}`}
          />
        ))}
      {layers.landmarks && faces.map((face, i) => <Points key={i} face={face} unit={unit} />)}
    </svg>
  );
}

function Points({ face, unit }: { readonly face: Face; readonly unit: number }) {
  const fine = [...(face.mesh ?? []), ...(face.landmarks_68 ?? []), ...(face.landmarks_106 ?? [])];
  return (
    <g className={styles.points} aria-hidden>
      {fine.map((at, i) => (
        <circle key={i} className={styles.fine} cx={at[0]} cy={at[1]} r={0.9 * unit} />
      ))}
      {face.landmarks.map((at, i) => (
        <circle key={i} className={styles.landmark} cx={at[0]} cy={at[1]} r={3 * unit} />
      ))}
    </g>
  );
}

function objectText({
  label,
  score,
  track_id,
}: DetectedObject & { track_id?: string | undefined }): string {
  return `${track_id === undefined ? '' : `${trackText(track_id)} `}${label} ${score.toFixed(2)}`;
}

function faceText(face: Face, index: number): string {
  const facts = [
    face.age === undefined ? undefined : `${Math.round(face.age)}`,
    face.gender?.label,
    face.emotion?.label,
  ].filter((fact) => fact !== undefined);
  return `${index + 1} · ${facts.length > 0 ? facts.join(', ') : face.score.toFixed(2)}`;
}
