import { useState, type FormEvent } from 'react';
import { asProblem } from '../api/problem.ts';
import type { Enrolment } from '../api/types.ts';
import { Button } from '../parts/button.tsx';
import { Check } from '../parts/check.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { enrol, mostPhotos } from './enrol.ts';
import { RejectedPhotos } from './rejected-photos.tsx';
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

interface Outcome {
  readonly person: string;
  readonly enrolment: Enrolment | undefined;
  readonly rejected: Enrolment['rejected'];
  readonly photos: readonly File[];
  readonly problem: unknown;
}

/** Photos of a person: chosen, sent, and what became of each. */
export function EnrolDialog(props: EnrolDialogProps) {
  const { title, collection, askName, onDone, onClose } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [outcome, setOutcome] = useState<Outcome>();

  const work = async (form: FormData): Promise<void> => {
    const name = form.get('name');
    const person = await props.person(typeof name === 'string' ? name : '');
    const photos = form
      .getAll('photos')
      .filter((entry): entry is File => entry instanceof File && entry.size > 0);
    const found = await attempt(collection, person, photos, form.get('force') !== null);
    await onDone(person);
    if (found.problem === undefined && found.rejected.length === 0) onClose();
    else setOutcome(found);
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
          name="photos"
          type="file"
          accept="image/*"
          multiple
          required={!askName}
          hint={`Up to ${mostPhotos}, each with this one person, from the front and in good light.`}
        />
        <Check label="Take poor photos too, and the largest of several faces" name="force" />
        <Check label="This person agreed to be recognised" name="consent" required />
        <p className="muted">
          Photos are kept for as long as a face from them is enrolled. Deleting the person deletes
          them too.
        </p>
        {error !== undefined && <ProblemCard error={error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={busy}>
            Enrol
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Sends the photos; that none of them was good enough is an outcome, whose reasons are shown. */
async function attempt(
  collection: string,
  person: string,
  photos: readonly File[],
  force: boolean,
): Promise<Outcome> {
  const nothing = { person, photos, enrolment: undefined, rejected: [], problem: undefined };
  if (photos.length === 0) return nothing;
  try {
    const enrolment = await enrol({ collection, person }, photos, force);
    return { ...nothing, enrolment, rejected: enrolment.rejected };
  } catch (error) {
    const problem = asProblem(error);
    const rejected = (problem.details['images'] ?? []) as Enrolment['rejected'];
    return { ...nothing, rejected, problem };
  }
}

interface OutcomeDialogProps {
  readonly title: string;
  readonly outcome: Outcome;
  readonly onClose: () => void;
}

function OutcomeDialog({ title, outcome, onClose }: OutcomeDialogProps) {
  const { enrolment, rejected, photos, problem } = outcome;
  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.form}>
        {enrolment && (
          <output>
            {enrolment.faces.length} of {photos.length} photos taken.
          </output>
        )}
        {problem !== undefined && <ProblemCard error={problem} />}
        <RejectedPhotos rejected={rejected} photos={photos} />
        <div className={styles.tools}>
          <Button kind="main" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
