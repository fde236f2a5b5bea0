import { TriangleAlert } from 'lucide-react';
import { asProblem } from '../api/problem.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import styles from './states.module.css';

interface ProblemCardProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** What went wrong, in the server's words; its code and request id, for whoever looks it up; what to do. */
export function ProblemCard({ error, onRetry }: ProblemCardProps) {
  const problem = asProblem(error);
  return (
    <div className={styles.problem} role="alert">
      <TriangleAlert size={20} aria-hidden />
      <div>
        <p className={styles.message}>{problem.message}</p>
        <p className={styles.facts}>
          <a href="/docs" className={styles.code}>
            {problem.code}
          </a>
          {problem.requestId !== undefined && (
            <span>
              request <code>{problem.requestId}</code>
              <CopyButton text={problem.requestId} label="Copy the request id" />
            </span>
          )}
          {problem.retryAfter !== undefined && <span>again in {problem.retryAfter} s</span>}
        </p>
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
      </div>
    </div>
  );
}
