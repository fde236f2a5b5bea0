import { useId } from 'react';
import type { ModelColumn } from '../../api/types.ts';
import styles from '../../parts/field.module.css';

interface ColumnFieldProps {
  readonly column: ModelColumn;
  /** Of the value in the form. */
  readonly name: string;
}

/** The field for one feature, as its type wants it. */
export function ColumnField({
  column: { name: label, type, nullable, values },
  name,
}: ColumnFieldProps) {
  const id = useId();
  const required = !nullable && type !== 'string' && type !== 'text';
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {type === 'category' && values ? (
        <select id={id} name={name} required={required}>
          {nullable && <option value="">missing</option>}
          {values
            .filter((value) => value !== null)
            .map((value) => (
              <option key={String(value)}>{String(value)}</option>
            ))}
        </select>
      ) : type === 'boolean' ? (
        <select id={id} name={name}>
          <option>true</option>
          <option>false</option>
        </select>
      ) : type === 'text' ? (
        <textarea id={id} name={name} rows={3} />
      ) : (
        <input
          id={id}
          name={name}
          type={type === 'string' || type === 'category' ? 'text' : 'number'}
          step={type === 'integer' ? 1 : 'any'}
          required={required}
          placeholder={nullable ? 'may be missing' : undefined}
        />
      )}
    </div>
  );
}
