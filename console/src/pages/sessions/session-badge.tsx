import type { Session } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';

export function SessionBadge({ status }: Pick<Session, 'status'>) {
  return <Badge tone={status === 'active' ? 'good' : 'plain'}>{status}</Badge>;
}
