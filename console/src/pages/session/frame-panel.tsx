import { useEffect, useRef, useState } from 'react';
import type { Detection } from '../../api/types.ts';
import { usePicture } from '../../image/use-picture.ts';
import { Overlay } from '../../overlay/overlay.tsx';
import { Button } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Stages } from '../../parts/stages.tsx';
import styles from './frame-panel.module.css';

interface FramePanelProps {
  readonly detection: Detection;
  readonly onClose: () => void;
}

const stages = ['queue', 'decode', 'preprocess', 'inference', 'postprocess'] as const;

/** One frame with its boxes, if it was kept; the boxes alone, if not. */
export function FramePanel({ detection, onClose }: FramePanelProps) {
  const { session_id, detection_id, image_id, width, height, detections, timings_ms } = detection;
  const [selected, setSelected] = useState<string>();
  const { address, error } = usePicture(
    image_id === null
      ? undefined
      : `/api/v1/sessions/${session_id}/detections/${detection_id}/frame`,
  );
  const at = new Date(detection.created_at);
  const place = useRef<HTMLDivElement>(null);
  // The button that showed it may be far down the list.
  useEffect(() => {
    // Some browsers answer with a promise, which is no way to undo an effect.
    place.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <div ref={place} className={styles.place}>
      <Panel
        title={`Frame of ${at.toLocaleTimeString()}`}
        tools={<Button onClick={onClose}>Close</Button>}
      >
        <div className={styles.frame}>
          {error !== null && error !== undefined && <ProblemCard error={error} />}
          {image_id === null && (
            <p className="muted">
              This frame was not kept. Its boxes are drawn on an empty ground.
            </p>
          )}
          {width !== null && height !== null && (
            <Overlay
              source={address}
              alt={`The frame with ${detections.length} objects`}
              width={width}
              height={height}
              objects={detections}
              selected={selected}
              onSelect={setSelected}
            />
          )}
          <Stages
            stages={stages.map((name) => ({ name, milliseconds: timings_ms[name] }))}
            whole={timings_ms.total}
          />
        </div>
      </Panel>
    </div>
  );
}
