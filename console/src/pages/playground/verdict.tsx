import { CircleCheck, CircleX } from 'lucide-react';
import type { Validation } from '../../api/types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import styles from './verdict.module.css';

/** Whether the image keeps the server's rules, and which it breaks. */
export function Verdict({
  validation: { image_id, valid, issues },
}: {
  readonly validation: Validation;
}) {
  const Icon = valid ? CircleCheck : CircleX;
  return (
    <Panel title="Validation">
      <p className={styles.verdict} data-valid={valid}>
        <Icon size={18} aria-hidden />
        {valid
          ? 'Valid: it keeps every rule of this server.'
          : 'Not valid: it breaks rules of this server.'}
      </p>
      {issues.length > 0 && (
        <ul className={styles.issues}>
          {issues.map(({ code, message }) => (
            <li key={code}>
              <code>{code}</code>
              <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
      <p className={styles.id}>
        <span className="muted">image_id</span> <code>{image_id}</code>
        <CopyButton text={image_id} label="Copy the image id" />
      </p>
    </Panel>
  );
}
