import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client.ts';
import { signIn } from '../../api/login.ts';
import { useAccess } from '../../frame/access.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import styles from './page.module.css';

/** The way in, and the way to an account where the server lets one make it. */
export function Page() {
  const access = useAccess();
  const [wish, setWish] = useState<'sign in' | 'register'>();
  const first = access.data?.awaits_first_account === true;
  const registering = (wish ?? (first ? 'register' : 'sign in')) === 'register';
  const registration = access.data?.registration ?? 'closed';
  const title = first ? 'Make the first account' : registering ? 'Make an account' : 'Sign in';
  return (
    <div className={styles.page}>
      <PageHead
        title={title}
        {...(first && registering
          ? { lead: 'It is the administrator’s: it may do everything on this server.' }
          : {})}
      />
      <AccountForm
        registering={registering}
        invite={registering && !first && registration === 'invite'}
      />
      {!first && registration !== 'closed' && (
        <p>
          {registering ? 'You have an account? ' : 'No account yet? '}
          <button
            type="button"
            className={styles.switch}
            onClick={() => setWish(registering ? 'sign in' : 'register')}
          >
            {registering ? 'Sign in' : 'Make one'}
          </button>
        </p>
      )}
    </div>
  );
}

interface AccountFormProps {
  readonly registering: boolean;
  readonly invite: boolean;
}

function AccountForm({ registering, invite }: AccountFormProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { history } = useRouter();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const submit = async (form: FormData): Promise<void> => {
    const value = (name: string): string => {
      const entry = form.get(name);
      return typeof entry === 'string' ? entry : '';
    };
    const [email, password] = [value('email'), value('password')];
    if (registering) {
      const body = { email, password, ...(invite ? { invite: value('invite') } : {}) };
      await api.POST('/api/v1/auth/register', { body });
    }
    await signIn(email, password, form.get('stay') !== null);
    await queries.resetQueries();
    if (history.canGoBack()) history.back(); // to the page that asked
    else await navigate({ to: '/' });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    submit(new FormData(event.currentTarget))
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <Field label="E-mail address" name="email" type="email" autoComplete="username" required />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={registering ? 'new-password' : 'current-password'}
        required
        {...(registering
          ? { hint: '8 to 1,024 characters; all of them count.', minLength: 8 }
          : {})}
      />
      {invite && (
        <Field
          label="Invite code"
          name="invite"
          required
          hint="From an administrator; good for one account."
        />
      )}
      <label className={styles.stay}>
        <input type="checkbox" name="stay" defaultChecked /> Stay signed in on this machine
      </label>
      {error !== undefined && <ProblemCard error={error} />}
      <Button kind="main" type="submit" busy={busy}>
        {registering ? 'Make the account' : 'Sign in'}
      </Button>
    </form>
  );
}
