import styles from './json-tree.module.css';

interface JsonTreeProps {
  readonly value: unknown;
  readonly name?: string;
  /** Levels that are open at first. */
  readonly open?: number;
}

/** A JSON value to fold and unfold. Long lists of numbers are summed up until they are opened. */
export function JsonTree({ value, name, open = 2 }: JsonTreeProps) {
  if (typeof value !== 'object' || value === null)
    return (
      <div className={styles.line}>
        <Name name={name} />
        <Scalar value={value} />
      </div>
    );
  const entries = Object.entries(value);
  const list = Array.isArray(value);
  if (list && entries.length <= 4 && value.every((item) => typeof item === 'number'))
    return (
      <div className={styles.line}>
        <Name name={name} />
        <span className={styles.number}>[{value.join(', ')}]</span>
      </div>
    );
  return (
    <details className={styles.branch} open={open > 0 && entries.length <= 40}>
      <summary>
        <Name name={name} />
        <span className="muted">{list ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {entries.map(([key, item]) => (
        <JsonTree key={key} name={key} value={item} open={open - 1} />
      ))}
    </details>
  );
}

function Name({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : <span className={styles.name}>{name}: </span>;
}

function Scalar({ value }: { readonly value: unknown }) {
  const kind = value === null ? 'null' : typeof value;
  return (
    <span className={styles[kind === 'string' ? 'string' : 'number']}>{JSON.stringify(value)}</span>
  );
}
