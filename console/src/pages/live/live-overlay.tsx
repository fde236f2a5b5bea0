import { useRef } from 'react';
import type { TrackedObject } from '../../api/types.ts';
import { BoxShape } from '../../overlay/box-shape.tsx';
import { usePixelSize } from '../../overlay/pixel-size.ts';
import { trackText } from '../../overlay/track-text.ts';
import type { Result } from './live-run.ts';
import styles from './live-overlay.module.css';

const tones = 6;

/** What was found in the newest answered frame, over the video. A track keeps its colour. */
export function LiveOverlay({ result }: { readonly result: Result }) {
  const { width, height, detections } = result;
  const ref = useRef<SVGSVGElement>(null);
  const unit = usePixelSize(ref, width ?? 1, height ?? 1);
  const names = detections.map(({ label }) => label).join(', ');
  return (
    <svg
      ref={ref}
      className={styles.overlay}
      viewBox={`0 0 ${width ?? 1} ${height ?? 1}`}
      role="img"
      aria-label={names === '' ? 'Nothing is found' : `Found: ${names}`}
    >
      {detections.map((object, i) => (
        <Box key={object.track_id ?? i} object={object} unit={unit} />
      ))}
    </svg>
  );
}

function Box({ object, unit }: { readonly object: TrackedObject; readonly unit: number }) {
  const { box, label, score, track_id: id } = object;
  const text = `${id === undefined ? '' : `${trackText(id)} `}${label} ${score.toFixed(2)}`;
  return (
    <g className={styles.box} data-tone={id === undefined ? 'none' : toneOf(id)} data-track={id}>
      <BoxShape {...{ box, text, unit }} line={2.5} />
    </g>
  );
}

function toneOf(id: string): number {
  return Number.parseInt(trackText(id).slice(1), 10) % tones || 0;
}
