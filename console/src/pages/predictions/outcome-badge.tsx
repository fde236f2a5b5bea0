import type { LoggedPrediction } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';

interface OutcomeBadgeProps {
  readonly prediction: Pick<LoggedPrediction, 'ok' | 'error_code' | 'cached'>;
}

/** Whether it was answered, and from where; if not, the code of why. */
export function OutcomeBadge({ prediction: { ok, error_code, cached } }: OutcomeBadgeProps) {
  if (!ok) return <Badge tone="bad">{error_code ?? 'failed'}</Badge>;
  return <Badge tone="good">{cached ? 'from the cache' : 'answered'}</Badge>;
}
