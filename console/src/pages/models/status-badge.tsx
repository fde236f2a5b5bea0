import type { ModelVersion } from '../../api/types.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';

const tones: Readonly<Record<ModelVersion['status'], Tone>> = {
  active: 'good',
  deprecated: 'warn',
  archived: 'plain',
};

export function StatusBadge({ status }: Pick<ModelVersion, 'status'>) {
  return <Badge tone={tones[status]}>{status}</Badge>;
}
