import { useMe } from './access.ts';
import styles from './read-only-note.module.css';

/** Says to a viewer why nothing can be sent or changed. */
export function ReadOnlyNote() {
  const me = useMe();
  if (me.data?.role !== 'viewer') return null;
  return (
    <p className={styles.note}>
      Your account may look, but send and change nothing. An administrator can make you a member.
    </p>
  );
}
