import { Badge } from '../../parts/badge.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import styles from './parity.module.css';

interface ParityFacts {
  readonly rows: number;
  readonly values: number;
  readonly tolerance: number;
  readonly max_difference: number | null;
}

/** How far the served model agrees with the samples that came with it. */
export function Parity({ report }: { readonly report: Readonly<Record<string, unknown>> }) {
  const parity = report['parity'] as ParityFacts | undefined;
  if (!parity) return null;
  return (
    <div className={styles.parity}>
      <Badge tone="good">agrees with its samples</Badge>
      <FactList
        facts={[
          ['Rows', parity.rows],
          ['Values', parity.values],
          ['Greatest difference', parity.max_difference ?? 'labels only'],
          ['Tolerance', parity.tolerance],
        ]}
      />
    </div>
  );
}
