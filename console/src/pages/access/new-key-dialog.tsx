import { useState, type FormEvent } from 'react';
import { api, data } from '../../api/client.ts';
import type { Scope } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './forms.module.css';

const scopes: readonly { readonly scope: Scope; readonly label: string }[] = [
  { scope: 'predict', label: 'Predict' },
  { scope: 'images', label: 'Images: validate, analyse, detect' },
  { scope: 'faces', label: 'Faces' },
  { scope: 'sessions', label: 'Sessions' },
  { scope: 'models:read', label: 'Models: read' },
  { scope: 'models:write', label: 'Models: upload and change' },
  { scope: 'admin', label: 'Administer the server' },
];

/** Asks what the key is for, and then shows it, this once. */
export function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const [key, setKey] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const make = async (form: FormData): Promise<void> => {
    const chosen = scopes.map(({ scope }) => scope).filter((scope) => form.get(scope) !== null);
    const days = Number(form.get('days'));
    const expires =
      days > 0 ? { expires_at: new Date(Date.now() + days * 86_400_000).toISOString() } : {};
    const name = form.get('name');
    const body = { name: typeof name === 'string' ? name : '', scopes: chosen, ...expires };
    const made = await data(api.POST('/api/v1/api-keys', { body }));
    setKey(made.key);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    make(new FormData(event.currentTarget))
      .catch(setError)
      .finally(() => setBusy(false));
  };
  if (key !== undefined)
    return (
      <Dialog title="Your new key" onClose={onClose}>
        <p>Copy it now: it is not shown again, and the server keeps only its hash.</p>
        <Code text={key} label="the key" />
        <div className={styles.tools}>
          <Button kind="main" onClick={onClose}>
            I have it
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <Field label="Name" name="name" required hint="Which program will use it." />
        <fieldset className={styles.choices}>
          <legend>What it may do</legend>
          {scopes.map(({ scope, label }) => (
            <label key={scope}>
              <input type="checkbox" name={scope} defaultChecked={scope === 'predict'} /> {label}
            </label>
          ))}
        </fieldset>
        <Field
          label="Days until it expires"
          name="days"
          type="number"
          min={1}
          hint="Empty: it does not expire."
        />
        {error !== undefined && <ProblemCard error={error} />}
        <div className={styles.tools}>
          <Button kind="main" type="submit" busy={busy}>
            Make the key
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
