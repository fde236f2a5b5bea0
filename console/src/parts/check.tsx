import type { InputHTMLAttributes } from 'react';
import styles from './field.module.css';

interface CheckProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
}

/** Something that is or is not so. */
export function Check({ label, ...rest }: CheckProps) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...rest} />
      {label}
    </label>
  );
}
