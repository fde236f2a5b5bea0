import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState, type FormEvent } from 'react';
import type { ModelVersion } from '../../api/types.ts';
import { upload } from '../../api/upload.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './upload-dialog.module.css';

/** Chooses files and a name, sends them, and goes to what became of them; a refusal stays here with its reason. */
export function UploadDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  const giveUp = useRef<AbortController>(undefined);

  const send = async (form: HTMLFormElement): Promise<void> => {
    giveUp.current = new AbortController();
    const body = await upload(
      '/api/v1/models/upload',
      formOf(form),
      setShare,
      giveUp.current.signal,
    );
    await queries.invalidateQueries({ queryKey: ['models'] });
    onClose();
    await navigate({ to: '/models/$id', params: { id: (body as ModelVersion).id } });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setError(undefined);
    setShare(0);
    send(event.currentTarget)
      .catch(setError)
      .finally(() => setShare(undefined));
  };
  const close = (): void => {
    giveUp.current?.abort();
    onClose();
  };
  return (
    <Dialog title="Upload a model" onClose={close}>
      <form className={styles.form} onSubmit={onSubmit}>
        <Field
          label="Files"
          name="file"
          type="file"
          multiple
          required
          hint="A model, or files that belong together, such as a scaler and a model."
        />
        <Field
          label="Name"
          name="name"
          required
          pattern="[a-z0-9][a-z0-9._\-]{0,63}"
          title="1 to 64 of a-z, 0-9, dot, dash and underscore"
          hint="a-z, 0-9, dot, dash, underscore. A name that is taken gets its next version."
        />
        <Field label="Description" name="description" />
        <Field
          label="Samples"
          name="samples"
          type="file"
          accept="application/json,.json"
          hint="Optional: rows with what the original answers to them. The model is served only if it agrees."
        />
        {share !== undefined && (
          <div className={styles.progress}>
            <progress value={share} aria-label="How much was sent" />
            <output>
              {share < 1
                ? `Sending, ${Math.round(share * 100)} %`
                : 'Reading the model, and running it once'}
            </output>
          </div>
        )}
        {error !== undefined && <ProblemCard error={error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={share !== undefined}>
            Upload
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Fields before files, as the API reads them; fields without content are left out. */
function formOf(form: HTMLFormElement): FormData {
  const given = [...new FormData(form)].filter(([, value]) =>
    typeof value === 'string' ? value !== '' : value.size > 0,
  );
  const sent = new FormData();
  for (const [name, value] of given) if (typeof value === 'string') sent.append(name, value);
  for (const [name, value] of given) if (typeof value !== 'string') sent.append(name, value);
  return sent;
}
