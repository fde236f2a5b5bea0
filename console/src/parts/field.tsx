import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type TextareaHTMLAttributes,
} from 'react';
import styles from './field.module.css';

interface FieldTexts {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value now. */
  readonly mistake?: string | undefined;
}

/** One line of a form: its name, its value, what is expected or wrong. */
export function Field(props: FieldTexts & InputHTMLAttributes<HTMLInputElement>) {
  const { label, hint, mistake, ...rest } = props;
  return (
    <Labelled {...{ label, hint, mistake }}>{(named) => <input {...named} {...rest} />}</Labelled>
  );
}

/** The same for text of several lines. */
export function LongField(props: FieldTexts & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const { label, hint, mistake, ...rest } = props;
  return (
    <Labelled {...{ label, hint, mistake }}>
      {(named) => <textarea rows={5} {...named} {...rest} />}
    </Labelled>
  );
}

interface Named {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

interface LabelledProps {
  readonly label: string;
  readonly hint: string | undefined;
  readonly mistake: string | undefined;
  readonly children: (named: Named) => ReactNode;
}

function Labelled({ label, hint, mistake, children }: LabelledProps) {
  const id = useId();
  const note = mistake ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': mistake !== undefined,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
      })}
      {note !== undefined && (
        <p id={`${id}-note`} className={styles.note} data-bad={mistake !== undefined}>
          {note}
        </p>
      )}
    </div>
  );
}
