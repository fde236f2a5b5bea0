import styles from './states.module.css';

/** Something is on its way. Shown after a moment only, so that quick answers do not flicker. */
export function Waiting({ label }: { readonly label: string }) {
  return (
    <output className={styles.waiting}>
      <span className={styles.dots} aria-hidden />
      {label}…
    </output>
  );
}
