import { useState, type FormEvent } from 'react';
import { Button } from '../parts/button.tsx';
import { Check } from '../parts/check.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { enrol, mostPhotos, type Enrolled } from './enrol.ts';
import { PhotoToEnrol } from './photo-to-enrol.tsx';
import { RejectedPhotos } from './rejected-photos.tsx';
import { useChosenPhotos, type ChosenPhotos } from './use-chosen-photos.ts';
import styles from './enrol-dialog.module.css';

interface EnrolDialogProps {
  readonly title: string;
  readonly collection: string;
  /** Asks for a name when the person is not there yet. */
  readonly askName: boolean;
  /** Called with the name once; makes the person when there is none. Returns whose photos they are. */
  readonly person: (name: string) => Promise<string>;
  readonly onDone: (person: string) => Promise<void>;
  readonly onClose: () => void;
}

interface Outcome extends Enrolled {
  readonly files: readonly File[];
}

/** Photos of a person: chosen, each with the face that is meant, sent, and what became of each. */
export function EnrolDialog(props: EnrolDialogProps) {
  const { title, collection, askName, onDone, onClose } = props;
  const chosen = useChosenPhotos();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [outcome, setOutcome] = useState<Outcome>();

  const work = async (form: FormData): Promise<void> => {
    const name = form.get('name');
    const person = await props.person(typeof name === 'string' ? name : '');
    const done = await enrol({ collection, person }, chosen.photos, form.get('force') !== null);
    await onDone(person);
    if (done.problem === undefined && done.rejected.length === 0) onClose();
    else setOutcome({ ...done, files: chosen.files });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    work(new FormData(event.currentTarget))
      .catch(setError)
      .finally(() => setBusy(false));
  };
  if (outcome) return <OutcomeDialog title={title} outcome={outcome} onClose={onClose} />;
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        {askName && <Field label="Name" name="name" required maxLength={200} />}
        <Field
          label="Photos"
          type="file"
          accept="image/*"
          multiple
          required={!askName}
          hint={`Up to ${mostPhotos}, from the front and in good light.`}
          mistake={
            chosen.tooMany ? `Only the first ${mostPhotos} of these photos are sent.` : undefined
          }
          onChange={(event) => chosen.choose([...(event.target.files ?? [])])}
        />
        <PhotosToEnrol chosen={chosen} />
        <Check label="Take photos of poor quality too" name="force" />
        <Check label="This person agreed to be recognised" name="consent" required />
        <p className="muted">
          Photos are kept for as long as a face from them is enrolled. Deleting the person deletes
          them too.
        </p>
        {error !== undefined && <ProblemCard error={error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={busy} disabled={!chosen.settled}>
            Enrol
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function PhotosToEnrol({ chosen: { files, turn, setFace } }: { readonly chosen: ChosenPhotos }) {
  if (files.length === 0) return null;
  return (
    <ul className={styles.photos} aria-label="Photos to enrol">
      {files.map((file, i) => (
        <PhotoToEnrol key={`${turn} ${i}`} file={file} onFace={(face) => setFace(i, face)} />
      ))}
    </ul>
  );
}

interface OutcomeDialogProps {
  readonly title: string;
  readonly outcome: Outcome;
  readonly onClose: () => void;
}

function OutcomeDialog({ title, outcome, onClose }: OutcomeDialogProps) {
  const { taken, rejected, files, problem } = outcome;
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.form}>
        {taken > 0 && (
          <output>
            {taken} of {files.length} photos taken.
          </output>
        )}
        {problem !== undefined && <ProblemCard error={problem} />}
        <RejectedPhotos rejected={rejected} photos={files} />
        <div className={styles.tools}>
          <Button kind="main" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
