import { PageHead } from './page-head.tsx';
import { ProblemCard } from './problem-card.tsx';

interface MissingPageProps {
  /** What should be here. */
  readonly title: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** Stands for the page of a thing that cannot be shown: unknown, somebody else's, or out of reach. */
export function MissingPage({ title, error, onRetry }: MissingPageProps) {
  return (
    <>
      <PageHead title={title} />
      <ProblemCard error={error} onRetry={onRetry} />
    </>
  );
}
