import { Check } from '../../parts/check.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Segments } from '../../parts/segments.tsx';
import type { LiveChoice } from './live-run.ts';
import { useDetectors } from './use-detectors.ts';
import styles from './controls.module.css';

export type Place = 'camera' | 'file';

interface ControlsProps {
  readonly place: Place;
  readonly choice: LiveChoice;
  /** While it runs the source stays as it is. */
  readonly running: boolean;
  readonly onPlace: (place: Place) => void;
  readonly onFile: (file: File | undefined) => void;
  readonly onChoice: (choice: LiveChoice) => void;
}

const places = [
  { value: 'camera', label: 'Camera' },
  { value: 'file', label: 'Video file' },
] as const;
const rates = ['2', '5', '10', '15'].map((value) => ({ value, label: `${value} a second` }));
const widths = ['320', '640', '1280'].map((value) => ({ value, label: `${value} pixels wide` }));

/** Where the picture comes from, which model looks at it, how often. */
export function Controls(props: ControlsProps) {
  const { place, choice, running, onPlace, onFile, onChoice } = props;
  return (
    <Panel title="What is looked at">
      <div className={styles.controls}>
        {/* Out of sight, yet there: the chosen file stays chosen for the next start. */}
        <div className={styles.source} hidden={running}>
          <Segments
            label="Where the picture comes from"
            value={place}
            options={places}
            onChange={onPlace}
          />
          <div hidden={place !== 'file'}>
            <Field
              label="Video"
              type="file"
              accept="video/*"
              hint="It stays on this machine; single frames of it are sent. It begins again at its end."
              onChange={(event) => onFile(event.target.files?.[0])}
            />
          </div>
        </div>
        <ModelChoice choice={choice} running={running} onChoice={onChoice} />
        <Choice
          label="Frames"
          value={String(choice.framesPerSecond)}
          options={rates}
          onChange={(value) => onChoice({ ...choice, framesPerSecond: Number(value) })}
        />
        <Choice
          label="Size of a frame"
          value={String(choice.width)}
          options={widths}
          onChange={(value) => onChoice({ ...choice, width: Number(value) })}
        />
        <Check
          label="Keep the frames as images on the server"
          checked={choice.keep_frame === true}
          onChange={() => onChoice({ ...choice, keep_frame: choice.keep_frame !== true })}
        />
      </div>
    </Panel>
  );
}

function ModelChoice({
  choice,
  running,
  onChoice,
}: Pick<ControlsProps, 'choice' | 'running' | 'onChoice'>) {
  const detectors = useDetectors().map((name) => ({ value: name, label: name }));
  const { model, ...rest } = choice;
  // A stream cannot be told to go back to the server's choice.
  const free = !running || model === undefined;
  return (
    <Choice
      label="Model"
      value={model ?? ''}
      options={[...(free ? [{ value: '', label: 'The server’s choice' }] : []), ...detectors]}
      onChange={(name) => onChoice(name === '' ? rest : { ...rest, model: name })}
    />
  );
}
