import { useId, type InputHTMLAttributes } from 'react';
import styles from './field.module.css';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value now. */
  readonly mistake?: string | undefined;
}

/** One line of a form: its name, its value, what is expected or wrong. */
export function Field({ label, hint, mistake, ...rest }: FieldProps) {
  const id = useId();
  const note = mistake ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        aria-invalid={mistake !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        {...rest}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={styles.note} data-bad={mistake !== undefined}>
          {note}
        </p>
      )}
    </div>
  );
}
