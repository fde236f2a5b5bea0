import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Menu, X } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { SignInGate } from './sign-in-gate.tsx';
import { navigation } from './navigation.ts';
import { ReadOnlyNote } from './read-only-note.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import { ServerState } from './server-state.tsx';
import styles from './frame.module.css';

/** What surrounds every page: where one can go, how the server is, who one is. */
export function Frame() {
  const [open, setOpen] = useState(false);
  const page = useRef<HTMLElement>(null);
  useFocusOnNewPage(page);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <header className={styles.bar}>
        <button
          type="button"
          className={styles.menu}
          aria-expanded={open}
          aria-controls="navigation"
          aria-label={open ? 'Close the menu' : 'Open the menu'}
          onClick={() => setOpen(!open)}
        >
          {open ? <X size={20} /> : <Menu size={20} />}
        </button>
        <Link to="/" className={styles.brand}>
          <img src="/app/fovea.svg" alt="" width={26} height={26} />
          Fovea
        </Link>
        <ServerState />
        <div className={styles.tools}>
          <SchemeSwitch />
          <AccountMenu />
        </div>
      </header>
      <nav id="navigation" className={styles.navigation} data-open={open} aria-label="Console">
        <div className={styles.entries}>
          {navigation.map(({ title, entries }) => (
            <div key={title}>
              <h2 className={styles.group}>{title}</h2>
              <ul>
                {entries.map(({ to, label, icon: Icon }) => (
                  <li key={to}>
                    <Link
                      to={to}
                      activeOptions={{ exact: to === '/', includeSearch: false }}
                      activeProps={{ 'aria-current': 'page' }}
                      onClick={() => setOpen(false)}
                    >
                      <Icon size={17} aria-hidden />
                      {label}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </div>
      </nav>
      <main id="page" ref={page} className={styles.page} tabIndex={-1}>
        <SignInGate>
          <ReadOnlyNote />
          <Outlet />
        </SignInGate>
      </main>
    </div>
  );
}

/** Where the keyboard is, and what is read aloud, follows to a page that one goes to. */
function useFocusOnNewPage(page: RefObject<HTMLElement | null>): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current !== undefined && shown.current !== path)
      page.current?.focus({ preventScroll: true });
    shown.current = path;
  }, [page, path]);
}
