import { useRef } from 'react';
import type { TrackedObject } from '../../api/types.ts';
import { usePixelSize } from '../../overlay/pixel-size.ts';
import { trackText } from '../../overlay/track-text.ts';
import type { Result } from './live-run.ts';
import styles from './live-overlay.module.css';

const tones = 6;
/** Width of a letter at the size of the labels, in pixels of the screen. */
const letter = 8;

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
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  const text = `${id === undefined ? '' : `${trackText(id)} `}${label} ${score.toFixed(2)}`;
  const height = 20 * unit;
  const top = y1 >= height ? y1 - height : Math.max(0, y1);
  const left = Math.max(0, x1);
  return (
    <g className={styles.box} data-tone={id === undefined ? 'none' : toneOf(id)} data-track={id}>
      <rect x={x1} y={y1} width={x2 - x1} height={y2 - y1} strokeWidth={2.5 * unit} />
      <rect
        className={styles.plate}
        x={left}
        y={top}
        width={(text.length * letter + 12) * unit}
        height={height}
      />
      <text x={left + 6 * unit} y={top + 14.5 * unit} fontSize={13 * unit}>
        {text}
      </text>
    </g>
  );
}

function toneOf(id: string): number {
  return Number.parseInt(trackText(id).slice(1), 10) % tones || 0;
}
