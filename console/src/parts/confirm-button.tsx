import { useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemCard } from './problem-card.tsx';
import styles from './confirm-button.module.css';

interface ConfirmButtonProps {
  /** On the button, and on the one that confirms. */
  readonly action: string;
  /** What happens, and whether it can be undone. */
  readonly children: ReactNode;
  readonly onConfirm: () => Promise<unknown>;
  /** `plain` for what can be taken back. */
  readonly kind?: 'danger' | 'plain';
}

/** A button for what one should not do by accident: it asks once more, and stays open if it fails. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { action, children, onConfirm, kind = 'danger' } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      setOpen(false);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button kind={kind} onClick={() => setOpen(true)}>
        {action}
      </Button>
      {open && (
        <Dialog title={`${action}?`} onClose={() => setOpen(false)}>
          {children}
          {error !== undefined && <ProblemCard error={error} />}
          <div className={styles.tools}>
            <Button
              kind={kind === 'plain' ? 'main' : kind}
              busy={busy}
              onClick={() => void confirm()}
            >
              {action}
            </Button>
            <Button onClick={() => setOpen(false)}>
              {kind === 'plain' ? 'Cancel' : 'Keep it'}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
