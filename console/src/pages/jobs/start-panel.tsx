import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState, type FormEvent } from 'react';
import type { ModelVersion } from '../../api/types.ts';
import { upload } from '../../api/upload.ts';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { useTextInAddress } from '../../parts/in-address.ts';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './start-panel.module.css';

/** Chooses a model and a file of rows, sends it, and the job begins. */
export function StartPanel({ models }: { readonly models: readonly ModelVersion[] }) {
  const usable = models.filter(({ task, status }) => task === 'predict' && status !== 'archived');
  return (
    <Panel title="Start a job">
      {usable.length === 0 ? (
        <p className="muted">
          A job needs a model for rows. <Link to="/models">Upload one first.</Link>
        </p>
      ) : (
        <StartForm models={usable} />
      )}
    </Panel>
  );
}

function StartForm({ models }: { readonly models: readonly ModelVersion[] }) {
  const queries = useQueryClient();
  const [model, setModel] = useTextInAddress('model');
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  const giveUp = useRef<AbortController>(undefined);
  const chosen = models.some(({ id }) => id === model) ? model : (models[0]?.id ?? '');

  const start = async (form: HTMLFormElement): Promise<void> => {
    giveUp.current = new AbortController();
    const path = `/api/v1/predict/${chosen}/jobs`;
    await upload(path, new FormData(form), setShare, giveUp.current.signal);
    form.reset();
    await queries.invalidateQueries({ queryKey: ['jobs'] });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setError(undefined);
    setShare(0);
    start(event.currentTarget)
      .catch(setError)
      .finally(() => setShare(undefined));
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <div className={styles.fields}>
        <Choice
          label="Model"
          value={chosen}
          options={models.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setModel}
        />
        <Field
          label="File of rows"
          name="file"
          type="file"
          accept=".csv,.ndjson,.jsonl,text/csv,application/x-ndjson"
          required
          hint="CSV with a heading, or NDJSON: one record per line."
        />
      </div>
      {share !== undefined && (
        <div className={styles.progress}>
          <progress value={share} aria-label="How much was sent" />
          <output>
            {share < 1 ? `Sending, ${Math.round(share * 100)} %` : 'Counting the rows'}
          </output>
        </div>
      )}
      {error !== undefined && <ProblemCard error={error} />}
      <div className={styles.tools}>
        <Button kind="main" type="submit" busy={share !== undefined}>
          Start
        </Button>
        {share !== undefined && <Button onClick={() => giveUp.current?.abort()}>Give up</Button>}
      </div>
    </form>
  );
}
