import { useState, type FormEvent } from 'react';
import { api } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './forms.module.css';

/** Changes one's password; every other login ends. */
export function Password() {
  const [state, setState] = useState<'idle' | 'busy' | 'done'>('idle');
  const [error, setError] = useState<unknown>();
  const change = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form);
    const value = (name: string): string => {
      const entry = given.get(name);
      return typeof entry === 'string' ? entry : '';
    };
    const body = { current_password: value('current'), new_password: value('next') };
    await api.POST('/api/v1/auth/password', { body });
    form.reset();
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setState('busy');
    setError(undefined);
    change(event.currentTarget).then(
      () => setState('done'),
      (problem: unknown) => {
        setState('idle');
        setError(problem);
      },
    );
  };
  return (
    <Panel title="Password">
      <form className={styles.form} onSubmit={onSubmit}>
        <Field
          label="Current password"
          name="current"
          type="password"
          autoComplete="current-password"
          required
        />
        <Field
          label="New password"
          name="next"
          type="password"
          autoComplete="new-password"
          minLength={8}
          required
          hint="8 to 1,024 characters; all of them count."
        />
        {error !== undefined && <ProblemCard error={error} />}
        {state === 'done' && <output>Changed. Every other login of yours has ended.</output>}
        <Button kind="main" type="submit" busy={state === 'busy'}>
          Change the password
        </Button>
      </form>
    </Panel>
  );
}
