import { useState } from 'react';
import type { Pack } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { bytes } from '../../parts/quantities.ts';
import styles from './setup-panel.module.css';

interface LicenceDialogProps {
  readonly pack: Pack;
  readonly licence: NonNullable<Pack['licence']>;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onAccept: () => void;
  readonly onClose: () => void;
}

/** The terms of a pack, to be accepted before it is fetched; who accepted them, and when, is kept. */
export function LicenceDialog(props: LicenceDialogProps) {
  const { pack, licence, busy, error, onAccept, onClose } = props;
  const [accepted, setAccepted] = useState(false);
  return (
    <Dialog title={`The terms of ${pack.name}`} onClose={onClose}>
      <div className={styles.terms}>
        <h3>{licence.title}</h3>
        <p>{licence.summary}</p>
        <p>
          <a href={licence.url} target="_blank" rel="noreferrer">
            Read all of it
          </a>{' '}
          <span className="muted">version {licence.version}</span>
        </p>
        <label className={styles.accept}>
          <input type="checkbox" checked={accepted} onChange={() => setAccepted(!accepted)} />
          I accept these terms for this server
        </label>
        <p className="muted">
          The server keeps who accepted them and when, and then fetches {bytes(pack.size_bytes)}.
        </p>
        {error !== null && error !== undefined && <ProblemCard error={error} />}
        <div className={styles.tools}>
          <Button kind="main" disabled={!accepted} busy={busy} onClick={onAccept}>
            Accept and fetch
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </div>
    </Dialog>
  );
}
