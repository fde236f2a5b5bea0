import { Menu } from '@base-ui/react/menu';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleUser } from 'lucide-react';
import { signOut } from '../api/login.ts';
import { useAccess, useMe, useSignedIn } from './access.ts';
import styles from './account-menu.module.css';

/** Who is signed in, with the way out; or the way in. */
export function AccountMenu() {
  const present = useSignedIn();
  const access = useAccess();
  const me = useMe();
  const queries = useQueryClient();
  if (!present) {
    if (!access.data) return null;
    return (
      <Link to="/sign-in" className={styles.signIn} data-needed={access.data.accounts_required}>
        Sign in
      </Link>
    );
  }
  return (
    <Menu.Root>
      <Menu.Trigger className={styles.trigger}>
        <CircleUser size={20} aria-hidden />
        <span className="visually-hidden">Your account: </span>
        <span className={styles.name}>{me.data?.email ?? '…'}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" className={styles.place}>
          <Menu.Popup className={styles.popup}>
            <p className={styles.who}>
              {me.data?.email}
              <span className="muted">{me.data?.role}</span>
            </p>
            <Menu.Item className={styles.item} render={<Link to="/access" />}>
              Access
            </Menu.Item>
            <Menu.Item
              className={styles.item}
              onClick={() => {
                void signOut().then(() => queries.resetQueries());
              }}
            >
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
